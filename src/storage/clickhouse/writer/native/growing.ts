const doubledUntil = 1 << 18;

/**
 * The next capacity of a typed array that must hold `needed` elements. Large ones grow by a quarter: blocks are used again and again, so that
 * growing is rare, and what is never filled would be held for good.
 */
export function nextCapacity(present: number, needed: number): number {
  return Math.max(needed, present < doubledUntil ? present * 2 : present + (present >> 2), 64);
}

/** True when memory of `capacity` bytes is far more than the last use of `used` needed, so that a reset should give it back. */
export function isOversized(capacity: number, used: number): boolean {
  return capacity > 65_536 && used < capacity / 8;
}

/** The bytes of the first `count` elements of a typed array, sharing the memory. */
export function bytesOf(array: Uint8Array | Uint16Array | Uint32Array, count: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, count * array.BYTES_PER_ELEMENT);
}
