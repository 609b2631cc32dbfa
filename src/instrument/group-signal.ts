import { spawn, type ChildProcess } from "node:child_process";

/**
 * Tells whether a signal came to our whole process group (Ctrl-C in a terminal, `kill -INT -PGID`), in which case the program has
 * it already, or to us alone, in which case it must be forwarded: twice would be a second Ctrl-C, which many programs take
 * for "stop at once". A process cannot see that by itself, so a small one (`cat`) waits in the group and shows it by dying.
 */
export class GroupSignalWatch {
  private canary: ChildProcess | undefined;
  private stopped = false;

  constructor() {
    this.start();
  }

  /** True when the whole group got `signal` together with us. Waits up to `timeoutMs` to see it. */
  async reachedGroup(signal: NodeJS.Signals, timeoutMs = 150): Promise<boolean> {
    const canary = this.canary;
    if (canary === undefined) return false;
    const died = await new Promise<boolean>((resolve) => {
      if (canary.signalCode !== null || canary.exitCode !== null) {
        resolve(canary.signalCode === signal);
        return;
      }
      const timer = setTimeout(() => resolve(false), timeoutMs);
      canary.once("exit", (_code, by) => {
        clearTimeout(timer);
        resolve(by === signal);
      });
    });
    if (died && !this.stopped) this.start();
    return died;
  }

  stop(): void {
    this.stopped = true;
    this.canary?.kill("SIGKILL");
  }

  private start(): void {
    // It reads from us, so it goes when we do.
    this.canary = spawn("cat", [], { stdio: ["pipe", "ignore", "ignore"], env: {} });
    this.canary.on("error", () => {
      this.canary = undefined;
    });
    this.canary.stdin?.on("error", () => {});
    this.canary.unref();
  }
}
