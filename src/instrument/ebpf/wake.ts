import type { Cancel, Clock } from "../../base/clock.ts";

/** A sleep that others may end: each time a process wakes up costs it a tenth of a millisecond and more, so that it wakes for a reason only. */
export class Wake {
  private readonly clock: Clock;
  private end: (() => void) | undefined;
  private isRung = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Ends the sleep that goes on, or else the next one before it begins. */
  ring(): void {
    this.isRung = true;
    this.end?.();
  }

  /** Resolves after `ms`, or with `ring`. One call at a time. */
  async sleep(ms: number): Promise<void> {
    if (!this.isRung) {
      await new Promise<void>((resolve) => {
        const cancel: Cancel = this.clock.schedule(ms, resolve);
        this.end = () => {
          cancel();
          resolve();
        };
      });
      this.end = undefined;
    }
    this.isRung = false;
  }
}
