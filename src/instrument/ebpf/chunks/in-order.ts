import type { Chunk } from "./chunk.ts";

/** Puts chunks of all connections into the order in which they happened. */
export class InOrder {
  private waiting: Chunk[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(chunk: Chunk): void {
    this.waiting.push(chunk);
  }

  /** Those that happened until `untilNs`, which are not given again. */
  upTo(untilNs: bigint): readonly Chunk[] {
    const sorted = this.waiting.toSorted(order);
    const later = sorted.findIndex(({ timeNs }) => timeNs > untilNs);
    const end = later === -1 ? sorted.length : later;
    this.waiting = sorted.slice(end);
    return sorted.slice(0, end);
  }
}

/** The context of a request stands before the request, after which the kernel tells of it. */
function order(a: Chunk, b: Chunk): number {
  if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs ? -1 : 1;
  return Number(b.direction === "context") - Number(a.direction === "context");
}
