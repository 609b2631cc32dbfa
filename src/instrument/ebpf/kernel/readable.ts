import { writeSync } from "node:fs";
import process from "node:process";
import type { Clock } from "../../../base/clock.ts";
import { allocate, eventDescriptor, pollLater, type Memory } from "./native.ts";

const readable = 1;
/** `struct pollfd`: descriptor, events, what has happened. */
const entryBytes = 8;
/** Where the kernel does not wait, somebody has to look. */
const lookMs = 100;

/** Says when there is something to read at a descriptor, for which another thread waits, so that nobody has to look again and again. */
export class Readable {
  private readonly words: Memory = allocate(2 * entryBytes);
  private readonly ending = eventDescriptor();
  private readonly clock: Clock;
  private readonly tell: () => void;
  private isArmed = false;
  private hasEnded = false;
  private readonly endWithProcess = (): void => this.end();

  constructor(descriptor: number, clock: Clock, tell: () => void) {
    this.clock = clock;
    this.tell = tell;
    const view = new DataView(this.words.buffer);
    for (const [index, each] of [descriptor, this.ending].entries()) {
      view.setInt32(index * entryBytes, each, true);
      view.setInt16(index * entryBytes + 4, readable, true);
    }
    // Our process would wait for that thread, however it ends.
    process.once("exit", this.endWithProcess);
  }

  /** Has `tell` called once, as soon as there is something. */
  arm(): void {
    if (this.isArmed || this.hasEnded) return;
    this.isArmed = true;
    void pollLater(this.words, 2).then((result) => {
      if (result < 0) this.clock.schedule(lookMs, () => this.ready());
      else this.ready();
    });
  }

  /** From now on nothing is waited for. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    process.off("exit", this.endWithProcess);
    writeSync(this.ending, BigUint64Array.of(1n));
  }

  private ready(): void {
    this.isArmed = false;
    if (!this.hasEnded) this.tell();
  }
}
