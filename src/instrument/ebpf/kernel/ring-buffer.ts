import { mapShared, unmap, type Memory } from "./native.ts";
import type { BpfMap } from "./bpf.ts";

const busy = 0x80000000;
const discarded = 0x40000000;
const headBytes = 8;
/** Records after which the writers are told that their room is free. */
const saidEvery = 64;

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

  /** Whether no record has been begun since all were given. */
  get isEmpty(): boolean {
    return Atomics.load(this.consumed, 0) === Atomics.load(this.produced, 0);
  }

  /** Gives each finished record to `take`, at most `limit`; the bytes are only valid during the call. Returns how many. */
  drain(take: (record: Buffer) => void, limit: number): number {
    return this.drainInPlace((bytes, begin, end) => take(bytes.subarray(begin, end)), limit);
  }

  /**
   * As `drain`, for those who want no object for each record: it lies in [begin, end) of `bytes`. The writers get the room back some records at a time.
   */
  drainInPlace(take: (bytes: Buffer, begin: number, end: number) => void, limit: number): number {
    const { bytes, heads, size } = this;
    let position = Number(Atomics.load(this.consumed, 0));
    let produced = Number(Atomics.load(this.produced, 0));
    let count = 0;
    let unsaid = 0;
    while (count < limit) {
      // Positions are 64 bits wide, and to read one makes an object.
      if (position >= produced) {
        produced = Number(Atomics.load(this.produced, 0));
        if (position >= produced) break;
      }
      const at = position % size;
      const head = Atomics.load(heads, at / 4) >>> 0;
      if ((head & busy) !== 0) break;
      const length = (head & ~discarded) >>> 0;
      if ((head & discarded) === 0) {
        take(bytes, at + headBytes, at + headBytes + length);
        count++;
      }
      position += Math.ceil((length + headBytes) / 8) * 8;
      if (++unsaid < saidEvery) continue;
      unsaid = 0;
      Atomics.store(this.consumed, 0, BigInt(position));
    }
    if (unsaid > 0) Atomics.store(this.consumed, 0, BigInt(position));
    return count;
  }

  close(): void {
    unmap(this.own);
    unmap(this.theirs);
  }
}
