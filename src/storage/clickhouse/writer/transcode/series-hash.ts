/**
 * The 64-bit hash behind a series' fingerprint. Attributes are added as pairs whose hashes are summed, so their order does not matter; texts
 * are chained, so theirs does. Two lanes of 32 bits with MurmurHash3's mixing (public domain, Austin Appleby) and different seeds.
 * Stable: stored fingerprints depend on it, so a change needs a migration.
 */

export class SeriesHash {
  low = 0;
  high = 0;

  clear(): void {
    this.low = 0;
    this.high = 0;
  }

  /** Adds the attribute with the key [keyStart, keyEnd) and the AnyValue message [valueStart, valueEnd), which holds the value's type as well. */
  addPair(bytes: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    hashBytes(bytes, keyStart, keyEnd, seedLow, seedHigh);
    hashBytes(bytes, valueStart, valueEnd, laneLow, laneHigh);
    this.low = (this.low + laneLow) >>> 0;
    this.high = (this.high + laneHigh) >>> 0;
  }

  /** Adds a text; the order of calls counts. */
  addText(bytes: Uint8Array, start: number, end: number): void {
    hashBytes(bytes, start, end, this.low ^ seedLow, this.high ^ seedHigh);
    this.low = laneLow;
    this.high = laneHigh;
  }

  /** Adds another hash, or two small numbers; the order of calls counts. */
  addWords(low: number, high: number): void {
    const first = mix(mix(this.low, low, lowFactor), high, lowFactor);
    const second = mix(mix(this.high, high, highFactor), low, highFactor);
    this.low = finish(first ^ (second >>> 7));
    this.high = finish(second ^ Math.imul(first, highFactor));
  }
}

const seedLow = 0x9747b28c;
const seedHigh = 0x3c6ef372;
const lowFactor = 0xcc9e2d51;
const highFactor = 0x85ebca6b;

// Results of `hashBytes`: returning two numbers would make an object.
let laneLow = 0;
let laneHigh = 0;

function hashBytes(bytes: Uint8Array, start: number, end: number, low: number, high: number): void {
  let first = low;
  let second = high;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    first = mix(first, word, lowFactor);
    second = mix(second, word, highFactor);
  }
  let tail = 0;
  for (let shift = 0; at < end; at++, shift += 8) tail |= bytes[at]! << shift;
  first = mix(first, tail, lowFactor) ^ (end - start);
  second = mix(second, tail, highFactor) ^ (end - start);
  laneLow = finish(first ^ (second >>> 7));
  laneHigh = finish(second ^ Math.imul(first, highFactor));
}

function mix(hash: number, word: number, factor: number): number {
  let bits = Math.imul(word, factor);
  bits = (bits << 15) | (bits >>> 17);
  bits = hash ^ Math.imul(bits, 0x1b873593);
  bits = (bits << 13) | (bits >>> 19);
  return (Math.imul(bits, 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
