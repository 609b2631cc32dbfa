import type { BpfMap } from "./kernel/bpf.ts";

/**
 * What the programs know of each traced process, maps "processes" and "near_processes" of bpf/traced-process.h, and what they keep of its requests in
 * "near_calls" and "near_owners" of bpf/go-served.h.
 */
export class TracedProcesses {
  private readonly all: BpfMap;
  private readonly near: BpfMap;
  private readonly calls: BpfMap;
  private readonly owners: BpfMap;
  /** Which process has a place in `near`. */
  private readonly places = new Map<number, number>();

  constructor(maps: Readonly<Record<"processes" | "nearProcesses" | "nearCalls" | "nearOwners", BpfMap>>) {
    this.all = maps.processes;
    this.near = maps.nearProcesses;
    this.calls = maps.nearCalls;
    this.owners = maps.nearOwners;
  }

  set(pid: number, offsets: Uint8Array): void {
    this.all.set(wordOf(pid), offsets);
    const place = pid % this.near.definition.maxEntries;
    if ((this.places.get(place) ?? pid) !== pid) return;
    this.places.set(place, pid);
    this.near.set(wordOf(place), Buffer.concat([offsets, wordOf(pid)]));
  }

  remove(pid: number): void {
    this.all.remove(wordOf(pid));
    this.endConnections(pid);
    const place = pid % this.near.definition.maxEntries;
    if (this.places.get(place) !== pid) return;
    this.places.delete(place);
    this.near.set(wordOf(place), Buffer.alloc(this.near.definition.valueSize));
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

function wordOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
