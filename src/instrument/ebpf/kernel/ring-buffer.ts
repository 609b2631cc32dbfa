import { mapShared, unmap, type Memory } from "./native.ts";
import type { BpfMap } from "./bpf.ts";

const busy = 0x80000000;
const discarded = 0x40000000;
const headBytes = 8;

/**
 * Reads what BPF programs put into a ring buffer (kernel/bpf/ringbuf.c): a page with our position, a page with the writers', the data
 * twice in a row, so that a record never wraps.
 */
export class RingBuffer {
  private readonly own: Memory;
  private readonly theirs: Memory;
  private readonly consumed: BigInt64Array;
  private readonly produced: BigInt64Array;
  private readonly heads: Int32Array;
  private readonly bytes: Buffer;
  private readonly size: number;

  constructor(map: BpfMap, pageBytes: number) {
    this.size = map.definition.maxEntries;
    this.own = mapShared(map.descriptor, 0, pageBytes, true);
    this.theirs = mapShared(map.descriptor, pageBytes, pageBytes + 2 * this.size, false);
    this.consumed = new BigInt64Array(this.own.buffer, 0, 1);
    this.produced = new BigInt64Array(this.theirs.buffer, 0, 1);
    this.heads = new Int32Array(this.theirs.buffer, pageBytes);
    this.bytes = Buffer.from(this.theirs.buffer, pageBytes);
  }

  /** Gives each finished record to `take`, at most `limit`; the bytes are only valid during the call. Returns how many. */
  drain(take: (record: Buffer) => void, limit: number): number {
    let position = Number(Atomics.load(this.consumed, 0));
    let count = 0;
    while (count < limit && position < Number(Atomics.load(this.produced, 0))) {
      const at = position % this.size;
      const head = Atomics.load(this.heads, at / 4) >>> 0;
      if ((head & busy) !== 0) break;
      const length = (head & ~discarded) >>> 0;
      if ((head & discarded) === 0) {
        take(this.bytes.subarray(at + headBytes, at + headBytes + length));
        count++;
      }
      position += Math.ceil((length + headBytes) / 8) * 8;
      Atomics.store(this.consumed, 0, BigInt(position));
    }
    return count;
  }

  close(): void {
    unmap(this.own);
    unmap(this.theirs);
  }
}
