/**
 * The 64-bit hash behind a series' fingerprint. Attributes are added as pairs whose hashes are summed, so their order does not matter; texts
 * are chained, so theirs does. Two lanes of 32 bits with MurmurHash3's mixing (public domain, Austin Appleby) and different seeds.
 * Stable: stored fingerprints depend on it, so a change needs a migration.
 */

import { writeAnyValue, type AnyValue } from "../../../../telemetry/tree/attributes.ts";
import { Writer } from "../../../../telemetry/wire/writer.ts";
import { decodeValue } from "./attribute-writer.ts";
import type { LocatedPair } from "./raw-values.ts";

export class SeriesHash {
  low = 0;
  high = 0;

  clear(): void {
    this.low = 0;
    this.high = 0;
  }

  /**
   * Adds an attribute that a writer has located in `bytes`; `words`: a DataView over these. Values are hashed by type and content, however they were spelled: strings and
   * numbers straight from the wire, all others as the codec encodes them.
   */
  addPair(bytes: Uint8Array, words: DataView, pair: LocatedPair): void {
    hashBytes(bytes, words, pair.keyStart, pair.keyEnd, seedLow, seedHigh);
    const keyLow = laneLow;
    const keyHigh = laneHigh;
    let { valueBytes, valueStart, valueEnd } = pair;
    let valueWords = valueBytes === bytes ? words : undefined;
    if (!isCanonical(valueBytes, valueStart, valueEnd)) {
      valueBytes = encodeValue(decodeValue(valueBytes.slice(valueStart, valueEnd)));
      valueWords = undefined;
      valueStart = 0;
      valueEnd = valueBytes.length;
    }
    hashBytes(valueBytes, valueWords, valueStart, valueEnd, keyLow, keyHigh);
    this.low = (this.low + laneLow) >>> 0;
    this.high = (this.high + laneHigh) >>> 0;
  }

  /** Adds a text; the order of calls counts. */
  addText(bytes: Uint8Array, start: number, end: number, words?: DataView): void {
    hashBytes(bytes, words, start, end, this.low ^ seedLow, this.high ^ seedHigh);
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

/** True for a scalar spelled as the codec does; true or false decide only how long it takes. */
function isCanonical(bytes: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  switch (bytes[start]) {
    case 0x0a:
      return size < 130 && bytes[start + 1] === size - 2;
    case 0x10:
      return size === 2 && bytes[start + 1]! < 2;
    case 0x18: {
      // The shortest varint: only the last byte ends it, and it is not a padding zero.
      let at = start + 1;
      while (at < end && bytes[at]! >= 0x80) at++;
      return at === end - 1 && (bytes[at] !== 0 || size === 2);
    }
    case 0x21:
      return size === 9;
    default:
      return false;
  }
}

function encodeValue(value: AnyValue): Uint8Array {
  const writer = new Writer(64);
  writeAnyValue(writer, value);
  return writer.bytes.subarray(0, writer.length);
}

const seedLow = 0x9747b28c;
const seedHigh = 0x3c6ef372;
const lowFactor = 0xcc9e2d51;
const highFactor = 0x85ebca6b;

// Results of `hashBytes`: returning two numbers would make an object.
let laneLow = 0;
let laneHigh = 0;

/** `words`: a DataView over the same bytes, which makes it faster. */
function hashBytes(
  bytes: Uint8Array,
  words: DataView | undefined,
  start: number,
  end: number,
  low: number,
  high: number,
): void {
  let first = low;
  let second = high;
  let at = start;
  if (words !== undefined) {
    for (; at + 4 <= end; at += 4) {
      const word = words.getInt32(at, true);
      first = mix(first, word, lowFactor);
      second = mix(second, word, highFactor);
    }
  }
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
