import { existsSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { ProcessChanges } from "./process-changes.ts";
import { executableOf, newestProcess, processTree } from "./process-tree.ts";

/** How often /proc is looked at while something changes, at most; where the kernel does not say that, always. */
const lookMs = 100;
/** A process that ends may be there for a while, and what is said may be missed: it is looked again after twice the time, up to this. */
const quietMs = 5000;
const looksAfterChange = 10;

export interface WatchedProcesses {
  readonly clock: Clock;
  /** Undefined where the kernel does not say when something changes. */
  readonly changes: ProcessChanges | undefined;
  /** Begins to execute a file, the first one or another one. */
  readonly meet: (pid: number, executable: string) => void;
  readonly end: (pid: number) => void;
}

/** The processes below some that are given, and what they execute. */
export class ProcessWatch {
  private readonly watched: WatchedProcesses;
  private roots: number[] = [];
  /** What a process executed when it was last looked at: it may become another program. */
  private readonly seen = new Map<number, string>();
  private lastTree: readonly number[] = [];
  /** What newestProcess said when it was read last, and how often the tree is read although it says the same. */
  private newest: string | undefined;
  private looksLeft = 0;

  constructor(watched: WatchedProcesses) {
    this.watched = watched;
  }

  /** The process and all that descends from it. */
  add(pid: number): void {
    this.roots.push(pid);
    this.newest = undefined;
    this.look();
  }

  /** Runs until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    const { changes, clock } = this.watched;
    if (changes !== undefined) {
      stop.addEventListener("abort", () => changes.end());
      if (stop.aborted) changes.end();
      return this.lookAtChanges(changes, stop);
    }
    while (!stop.aborted) {
      this.look();
      await clock.sleep(lookMs, stop);
    }
  }

  private async lookAtChanges(changes: ProcessChanges, stop: AbortSignal): Promise<void> {
    const { clock } = this.watched;
    let distanceMs = lookMs;
    while (!stop.aborted) {
      this.look();
      const lookedMs = clock.monotonic();
      let dueMs = lookedMs + distanceMs;
      distanceMs = Math.min(2 * distanceMs, quietMs);
      for (let nowMs = lookedMs; nowMs < dueMs && !stop.aborted; nowMs = clock.monotonic()) {
        const changed = await changes.next(dueMs - nowMs);
        if (changed === undefined) continue;
        distanceMs = lookMs;
        dueMs = lookedMs + lookMs;
        // At once: its first requests may come in a moment.
        for (const pid of changed.executed) this.lookAt(pid);
      }
    }
  }

  private lookAt(pid: number): void {
    const executable = executableOf(pid);
    if (executable === undefined || this.seen.get(pid) === executable) return;
    this.seen.set(pid, executable);
    this.watched.meet(pid, executable);
  }

  private look(): void {
    const alive = new Set<number>();
    const below = new Set(this.tree());
    for (const pid of new Set([...below, ...this.seen.keys()])) {
      const executable = executableOf(pid);
      // One whose parent has ended is below none of the roots any more, but goes on; its number may be another's later.
      if (executable === undefined || (!below.has(pid) && this.seen.get(pid) !== executable)) continue;
      alive.add(pid);
      if (this.seen.get(pid) === executable) continue;
      this.seen.set(pid, executable);
      this.watched.meet(pid, executable);
    }
    // One that is just being started may have no file yet.
    this.roots = this.roots.filter((root) => alive.has(root) || existsSync(`/proc/${root}`));
    for (const pid of this.seen.keys()) {
      if (alive.has(pid)) continue;
      this.seen.delete(pid);
      this.watched.end(pid);
    }
  }

  /** The processes below the roots. */
  private tree(): readonly number[] {
    const { changes } = this.watched;
    if (changes === undefined) {
      // They are the same as before when none was made for a while.
      const newest = newestProcess();
      if (newest === undefined || newest !== this.newest) this.looksLeft = looksAfterChange;
      this.newest = newest;
      if (this.looksLeft > 0) {
        this.looksLeft--;
        this.lastTree = this.readTree();
      }
      return this.lastTree;
    }
    const tree = this.readTree();
    // What one had started until it was followed is not said.
    return changes.follow([...tree, ...this.seen.keys()]) ? this.readTree() : tree;
  }

  private readTree(): readonly number[] {
    return this.roots.flatMap((root) => processTree(root));
  }
}
