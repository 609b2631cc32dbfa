import { acceptedConnections, openSockets } from "./discovery/open-connections.ts";
import type { Uprobe } from "./kernel/uprobe.ts";

/** Sockets of a process are looked through so often while one of them is waited for. */
const lookMs = 1000;

/**
 * Connections that the processes of a file had when their tracing began: nobody saw their goroutines begin, so that their requests stop at the server's
 * handler (program "server_start" of bpf/go.bpf.c) until each has been seen there once, or is closed. Then there is no stop any more.
 */
export class OlderConnections {
  /** Of each process those that are waited for: who is at the other end, by inode. */
  private readonly waiting = new Map<number, Map<string, string | undefined>>();
  private readonly attach: (path: string) => Uprobe;
  private probe: Uprobe | undefined;
  private lookedMs = 0;

  /** `attach` has requests stop at the server's handler; it may throw. */
  constructor(attach: (path: string) => Uprobe) {
    this.attach = attach;
  }

  get isWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** Tracing of a process has begun. Throws as `attach` does. */
  begin(pid: number): void {
    const open = new Map(acceptedConnections(pid));
    if (open.size === 0) return;
    this.waiting.set(pid, open);
    this.probe ??= this.attach(`/proc/${pid}/exe`);
  }

  /** A request of this client has been seen. */
  see(pid: number, peer: string): void {
    const open = this.waiting.get(pid);
    const name = peer.replace(/%[^\]]*/, "");
    for (const [inode, other] of open ?? []) if (other === name) open?.delete(inode);
    if (open?.size === 0) this.end(pid);
  }

  /** The process has ended, or all have been seen. */
  end(pid: number): void {
    this.waiting.delete(pid);
    if (this.waiting.size > 0) return;
    void this.probe?.detach();
    this.probe = undefined;
  }

  /** Looks now and then which are closed. */
  look(nowMs: number): void {
    if (nowMs - this.lookedMs < lookMs) return;
    this.lookedMs = nowMs;
    for (const [pid, open] of this.waiting) {
      const sockets = openSockets(pid);
      for (const inode of open.keys()) if (!sockets.has(inode)) open.delete(inode);
      if (open.size === 0) this.end(pid);
    }
  }

  /** Lets go of the probe, whatever is waited for. */
  async close(): Promise<void> {
    this.waiting.clear();
    await this.probe?.detach();
    this.probe = undefined;
  }
}
