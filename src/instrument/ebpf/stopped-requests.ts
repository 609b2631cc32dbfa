import { acceptedConnections, openSockets } from "./discovery/open-connections.ts";
import type { Uprobe } from "./kernel/uprobe.ts";

/** Sockets of a process are looked through so often while one of them is waited for. */
const lookMs = 1000;

/**
 * Whether requests to the processes of a file stop at the server's handler and where it has returned. They do as long as one of the processes has
 * connections that were open before its tracing began, whose goroutines nobody saw begin, until each has been seen or is closed; and as long as it has
 * connections of a kind to which their own goroutines do not write (ConnectionKinds).
 */
export class StoppedRequests {
  /** Of each process those that are waited for: who is at the other end, by inode. */
  private readonly waiting = new Map<number, Map<string, string | undefined>>();
  private strange: ReadonlySet<number> = new Set();
  private readonly attach: (path: string) => readonly Uprobe[];
  private probes: readonly Uprobe[] = [];
  private lookedMs = 0;

  /** `attach` has the requests of the file stop; it may throw. */
  constructor(attach: (path: string) => readonly Uprobe[]) {
    this.attach = attach;
  }

  /** Whether `see` has any effect. */
  get isWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** Tracing of a process has begun. */
  begin(pid: number): void {
    const open = new Map(acceptedConnections(pid));
    if (open.size > 0) this.waiting.set(pid, open);
    this.settle();
  }

  /** A request of this client has been seen. */
  see(pid: number, peer: string): void {
    const open = this.waiting.get(pid);
    const name = peer.replace(/%[^\]]*/, "");
    for (const [inode, other] of open ?? []) if (other === name) open?.delete(inode);
    if (open?.size === 0) this.end(pid);
  }

  /** The process has ended, or all of its connections have been seen. */
  end(pid: number): void {
    if (this.waiting.delete(pid)) this.settle();
  }

  /** Looks now and then which connections are closed. `strange`: the processes of the file that have connections of a kind to which others write. */
  look(nowMs: number, strange: ReadonlySet<number>): void {
    this.strange = strange;
    if (nowMs - this.lookedMs >= lookMs) {
      this.lookedMs = nowMs;
      for (const [pid, open] of this.waiting) {
        const sockets = openSockets(pid);
        for (const inode of open.keys()) if (!sockets.has(inode)) open.delete(inode);
        if (open.size === 0) this.waiting.delete(pid);
      }
    }
    this.settle();
  }

  /** Lets go of the probes, whatever is waited for. */
  async close(): Promise<void> {
    const { probes } = this;
    this.probes = [];
    this.waiting.clear();
    await Promise.all(probes.map((probe) => probe.detach()));
  }

  private settle(): void {
    const [pid] = [...this.waiting.keys(), ...this.strange];
    if (pid === undefined) void this.close();
    else if (this.probes.length === 0) this.stop(pid);
  }

  private stop(pid: number): void {
    try {
      this.probes = this.attach(`/proc/${pid}/exe`);
    } catch {
      // It has just ended, and its file is gone.
    }
  }
}
