import type { BpfMap } from "./kernel/bpf.ts";

/** A connection may be opened a while before it is asked for anything. */
const patienceMs = 300;

/**
 * The kinds of connections that traced servers have, map "connection_kinds" of bpf/go-answer.h: of each, whether a connection's own goroutine has written
 * an answer to its socket. Where another goroutine does, or there is no socket (pipes, streams within one connection), answers are not seen there.
 */
export class ConnectionKinds {
  private readonly map: BpfMap;
  /** Since when those that have not are known, by their keys. */
  private readonly unproven = new Map<string, number>();
  private undecided = false;

  constructor(map: BpfMap) {
    this.map = map;
  }

  /** Whether there were kinds at the last look of which it is not decided yet. */
  get isUndecided(): boolean {
    return this.undecided;
  }

  /** Processes with connections of a kind of which no answer has been seen for a while. */
  strangeProcesses(nowMs: number): ReadonlySet<number> {
    const found = new Set<number>();
    const before = new Map(this.unproven);
    this.unproven.clear();
    this.undecided = false;
    for (const key of this.map.keys()) {
      if (this.map.get(key)?.readUInt32LE(0) !== 0) continue;
      const name = key.toString("hex");
      const sinceMs = before.get(name) ?? nowMs;
      this.unproven.set(name, sinceMs);
      if (nowMs - sinceMs >= patienceMs) found.add(key.readUInt32LE(0));
      else this.undecided = true;
    }
    return found;
  }

  /** The process has ended. */
  forget(pid: number): void {
    for (const key of this.map.keys()) if (key.readUInt32LE(0) === pid) this.map.remove(key);
  }
}
