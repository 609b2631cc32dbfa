import type { BpfMap } from "./kernel/bpf.ts";
import { wordOf } from "./kernel/map-bytes.ts";

/**
 * What the programs know of each traced process, maps "processes" and "near_processes" of bpf/traced-process.h, and what they keep of its requests in
 * "near_calls" and "near_owners" of bpf/go-served.h.
 */
export class TracedProcesses {
  private readonly all: BpfMap;
  private readonly near: BpfMap;
  private readonly calls: BpfMap;
  private readonly owners: BpfMap;
  /** The processes that would have a place in `near`: the first has it. None has it only where there are none, which the programs rely on. */
  private readonly places = new Map<number, number[]>();

  constructor(maps: Readonly<Record<"processes" | "nearProcesses" | "nearCalls" | "nearOwners", BpfMap>>) {
    this.all = maps.processes;
    this.near = maps.nearProcesses;
    this.calls = maps.nearCalls;
    this.owners = maps.nearOwners;
  }

  set(pid: number, offsets: Uint8Array): void {
    this.all.set(wordOf(pid), offsets);
    const place = pid % this.near.definition.maxEntries;
    const pids = this.places.get(place) ?? [];
    if (!pids.includes(pid)) pids.push(pid);
    this.places.set(place, pids);
    if (pids[0] === pid) this.give(place, pid);
  }

  remove(pid: number): void {
    this.endConnections(pid);
    const place = pid % this.near.definition.maxEntries;
    const [first, ...others] = this.places.get(place) ?? [];
    if (first === pid) {
      const [next] = others;
      if (next === undefined) {
        this.places.delete(place);
        this.near.set(wordOf(place), Buffer.alloc(this.near.definition.valueSize));
      } else {
        this.places.set(place, others);
        this.give(place, next);
      }
    } else if (first !== undefined) {
      this.places.set(place, [first, ...others.filter((each) => each !== pid)]);
    }
    this.all.remove(wordOf(pid));
  }

  private give(place: number, pid: number): void {
    const offsets = this.all.get(wordOf(pid));
    if (offsets !== undefined) this.near.set(wordOf(place), Buffer.concat([offsets, wordOf(pid)]));
  }

  /** Connections end by themselves, save those that are open when their process ends. */
  private endConnections(pid: number): void {
    for (const place of this.owners.keys()) {
      if (this.owners.get(place)?.readBigUInt64LE(8) !== BigInt(pid)) continue;
      this.calls.set(place, Buffer.alloc(this.calls.definition.valueSize));
      this.owners.remove(place);
    }
  }
}
