import type { BpfMap } from "./kernel/bpf.ts";

/** What the programs know of each traced process: maps "processes" and "near_processes" of bpf/traced-process.h. */
export class TracedProcesses {
  private readonly all: BpfMap;
  private readonly near: BpfMap;
  /** Which process has a place in `near`. */
  private readonly places = new Map<number, number>();

  constructor(all: BpfMap, near: BpfMap) {
    this.all = all;
    this.near = near;
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
    const place = pid % this.near.definition.maxEntries;
    if (this.places.get(place) !== pid) return;
    this.places.delete(place);
    this.near.set(wordOf(place), Buffer.alloc(this.near.definition.valueSize));
  }
}

function wordOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
