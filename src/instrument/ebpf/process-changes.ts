/**
 * Has the kernel say when processes begin, execute a file and end (bpf/processes.bpf.c), so that nobody has to look for them in /proc again and again. What is
 * said is that something changed; what there is now is read from /proc.
 */
import type { Clock } from "../../base/clock.ts";
import { attachAll } from "./kernel/attach-all.ts";
import { LoadedObject } from "./kernel/bpf.ts";
import { ownNamespace, wordOf } from "./kernel/map-bytes.ts";
import { kernelMembers } from "./kernel/member-offsets.ts";
import { pageSize } from "./kernel/native.ts";
import type { BpfObject } from "./kernel/object.ts";
import { Readable } from "./kernel/readable.ts";
import { RingBuffer } from "./kernel/ring-buffer.ts";
import { Wake } from "./wake.ts";

/** What is asked of the kernel's types, in the order of `struct watching`. */
export const changeMembers = [
  "task_struct.tgid",
  "task_struct.pid",
  "task_struct.signal",
  "signal_struct.live",
] as const;

const ofProcesses = ["sched_process_fork", "sched_process_exec", "sched_process_exit"];
const ofListeners = ["inet_sock_set_state"];
const mostAtOnce = 4096;

export interface Changes {
  /** Processes that have executed a file. */
  readonly executed: readonly number[];
}

export class ProcessChanges {
  private readonly object: LoadedObject;
  private readonly clock: Clock;
  private readonly ring: RingBuffer;
  private readonly wake: Wake;
  private readonly readable: Readable;
  private followed: ReadonlySet<number> = new Set();
  private attached: readonly { detach(): void }[];
  private hasEnded = false;

  /** Throws when the kernel refuses. `all`: of all processes, and of sockets that begin to listen; else of those that are followed. */
  constructor(definition: BpfObject, clock: Clock, all: boolean) {
    const offsets = kernelMembers.of(changeMembers);
    if (offsets === undefined) throw new Error("the kernel does not say how it is built");
    this.clock = clock;
    this.wake = new Wake(clock);
    this.object = new LoadedObject(definition);
    try {
      const words = [all ? 1 : 0, ...offsets, 0].map(wordOf);
      this.object.map("watching").set(wordOf(0), Buffer.concat([ownNamespace(), ...words]));
      const changes = this.object.map("changes");
      this.ring = new RingBuffer(changes, pageSize());
      this.attached = attachAll(all ? [...ofProcesses, ...ofListeners] : ofProcesses, (name) =>
        this.object.attachTracepoint(name),
      );
      this.readable = new Readable(changes.descriptor, clock, () => this.wake.ring());
    } catch (error) {
      this.object.close();
      throw error;
    }
  }

  /** From now on changes of these processes, and of what they start, are said. Returns whether one was not followed before. */
  follow(pids: readonly number[]): boolean {
    const followed = this.object.map("followed");
    const wanted = new Set(pids);
    for (const pid of this.followed) if (!wanted.has(pid)) followed.remove(wordOf(pid));
    const added = [...wanted].filter((pid) => !this.followed.has(pid));
    this.followed = wanted;
    try {
      for (const pid of added) followed.set(wordOf(pid), wordOf(1));
    } catch {
      // There are too many: they are seen when something else changes, and by who looks now and then.
    }
    return added.length > 0;
  }

  /** What changed since the last call; undefined when nothing did. */
  take(): Changes | undefined {
    const executed: number[] = [];
    const count = this.ring.drain((record) => {
      const pid = record.readUInt32LE(0);
      if (pid !== 0) executed.push(pid);
    }, mostAtOnce);
    return count === 0 ? undefined : { executed };
  }

  /** As `take`, as soon as something changes; undefined when nothing does within that time or until `end`. One call at a time. */
  async next(withinMs: number): Promise<Changes | undefined> {
    const endMs = this.clock.monotonic() + withinMs;
    for (;;) {
      const changes = this.take();
      const leftMs = endMs - this.clock.monotonic();
      if (changes !== undefined || this.hasEnded || leftMs <= 0) return changes;
      this.readable.arm();
      await this.wake.sleep(leftMs);
    }
  }

  /** From now on nothing is said. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const each of this.attached) each.detach();
    this.attached = [];
    this.readable.end();
    this.wake.ring();
  }
}

/** Undefined where the kernel refuses. Never throws. */
export function startProcessChanges(
  read: () => BpfObject,
  clock: Clock,
  all: boolean,
): ProcessChanges | undefined {
  try {
    return new ProcessChanges(read(), clock, all);
  } catch {
    return undefined;
  }
}
