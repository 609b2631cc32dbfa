/**
 * Copies attributes from the wire into a map column: keys as they are, values in the text form of the Collector's Value.AsString
 * (pdata/pcommon/value.go), and one letter a value that says which type it had. Scalars are written straight from the wire; arrays, kvlists
 * and oddly spelled messages go through the typed tree, whose text form is the oracle for all. Hot; benchmark: bench/ingest.ts.
 */
import { anyValueToString, doubleToString } from "../../../../telemetry/attributes/text.ts";
import { Attributes, ValueMessage, type AnyValue } from "../../../../telemetry/tree/attributes.ts";
import { MessageNode } from "../../../../telemetry/tree/message.ts";
import { anyValueSpec } from "../../../../telemetry/wire/common-spec.ts";
import { writePlainArray } from "./plain-array.ts";
import { checkDepth } from "./value-depth.ts";
import { ByteSink } from "../native/byte-sink.ts";
import type { AttributesColumn } from "../native/map-column.ts";
import type { StringColumn } from "../native/string-column.ts";
import { typeLetters } from "./type-letters.ts";
import type { WireCursor } from "./wire-cursor.ts";

const trueText = new TextEncoder().encode("true");
const falseText = new TextEncoder().encode("false");
const maxSafeVarintBytes = 7;

export class AttributeWriter {
  private readonly cursor: WireCursor;
  private readonly scratch: ByteSink = new ByteSink();
  /** Bounds of the key of the KeyValue last read, in the cursor's bytes; see `locate`. */
  keyStart = 0;
  keyEnd = 0;
  /** Its AnyValue message: [valueStart, valueEnd) of `valueBytes`, which are the cursor's unless the value was sent in pieces. */
  valueBytes: Uint8Array = new Uint8Array(0);
  valueStart = 0;
  valueEnd = 0;

  constructor(cursor: WireCursor) {
    this.cursor = cursor;
  }

  /**
   * Appends the KeyValue message [start, end) as a pair of `column` (the caller closes the row) and returns its type letter, which
   * is one of `typeLetters`. Throws MalformedWireError.
   */
  append(start: number, end: number, column: AttributesColumn): number {
    this.locate(start, end);
    column.keys.append(this.cursor.bytes, this.keyStart, this.keyEnd, this.cursor.view);
    return this.appendLocated(column.values);
  }

  /**
   * `append` for what nearly all attributes are: a key and a string or a small integer, each length of one byte. 0, and nothing done, for
   * others. Nothing is located.
   */
  appendPlain(start: number, end: number, column: AttributesColumn): number {
    const { bytes, view } = this.cursor;
    // Beyond the end, zeros or bytes of the next field may be read here; one of the comparisons then fails.
    const keyEnd = start + 2 + bytes[start + 1]!;
    const at = keyEnd + 2;
    if (bytes[start] !== 0x0a || bytes[start + 1]! >= 0x80 || bytes[keyEnd] !== 0x12) return 0;
    if (bytes[keyEnd + 1]! >= 0x80 || at + bytes[keyEnd + 1]! !== end || end - at < 2) return 0;
    if (bytes[at] === 0x0a) {
      if (at + 2 + bytes[at + 1]! !== end) return 0;
      column.keys.append(bytes, start + 2, keyEnd, view);
      column.values.append(bytes, at + 2, end, view);
      return typeLetters.string;
    }
    if (bytes[at] !== 0x18) return 0;
    // Up to four bytes of a varint, the last of them below 128: 28 bits.
    let value = bytes[end - 1]!;
    if (value >= 0x80 || end - at > 5) return 0;
    for (let place = end - 2; place > at; place--) {
      if (bytes[place]! < 0x80) return 0;
      value = (value << 7) | (bytes[place]! & 0x7f);
    }
    column.keys.append(bytes, start + 2, keyEnd, view);
    appendDigits(value, column.values);
    return typeLetters.int;
  }

  /** Appends the value of the KeyValue last located. */
  appendLocated(values: StringColumn): number {
    return this.valueBytes === this.cursor.bytes
      ? this.appendValue(this.valueStart, this.valueEnd, values)
      : this.appendTree(this.valueBytes, values);
  }

  /** Finds key and value of a KeyValue. */
  locate(start: number, end: number): void {
    const cursor = this.cursor;
    this.valueBytes = cursor.bytes;
    if (this.locateShort(start, end)) return;
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = start;
    let values = 0;
    for (let at = start; at < end; at = cursor.end) {
      const tag = cursor.next(at, end);
      if (tag === 0x0a) {
        this.keyStart = cursor.start;
        this.keyEnd = cursor.end;
      } else if (tag === 0x12) {
        this.valueStart = cursor.start;
        this.valueEnd = cursor.end;
        values++;
      }
    }
    if (values < 2) return;
    this.valueBytes = mergePieces(cursor, start, end, 0x12);
    this.valueStart = 0;
    this.valueEnd = this.valueBytes.length;
  }

  /** Nearly all are a key, then a value, each below 128 bytes; false for others. */
  private locateShort(start: number, end: number): boolean {
    const { bytes } = this.cursor;
    // Beyond the end, zeros or bytes of the next field may be read here; the last comparison then fails.
    const keySize = bytes[start + 1]!;
    if (bytes[start] !== 0x0a || keySize >= 0x80) return false;
    const keyEnd = start + 2 + keySize;
    const valueSize = bytes[keyEnd + 1]!;
    if (bytes[keyEnd] !== 0x12 || valueSize >= 0x80 || keyEnd + 2 + valueSize !== end) return false;
    this.keyStart = start + 2;
    this.keyEnd = keyEnd;
    this.valueStart = keyEnd + 2;
    this.valueEnd = end;
    return true;
  }

  /** Appends the AnyValue message [start, end) as text and returns its type letter. */
  appendValue(start: number, end: number, values: StringColumn): number {
    const cursor = this.cursor;
    if (start === end) {
      values.appendDefault();
      return typeLetters.empty;
    }
    const { bytes } = cursor;
    if (bytes[start] === 0x0a && end - start < 0x82 && end === start + 2 + bytes[start + 1]!) {
      values.append(cursor.bytes, start + 2, end, cursor.view);
      return typeLetters.string;
    }
    const tag = cursor.next(start, end);
    const from = cursor.start;
    const to = cursor.end;
    // More than one member of the oneof: the tree knows which one counts.
    if (to !== end) return this.appendTree(cursor.bytes.slice(start, end), values);
    switch (tag) {
      case 0x0a:
        values.append(cursor.bytes, from, to, cursor.view);
        return typeLetters.string;
      case 0x10:
        appendBool(cursor.bool(from, to), values);
        return typeLetters.bool;
      case 0x18:
        this.appendInt(from, to, values);
        return typeLetters.int;
      case 0x21:
        values.appendText(doubleToString(cursor.double(from)));
        return typeLetters.double;
      case 0x2a:
        if (writePlainArray(cursor, from, to, this.scratch)) {
          values.append(this.scratch.bytes, 0, this.scratch.length, this.scratch.words);
          return typeLetters.array;
        }
        return this.appendTree(cursor.bytes.slice(start, end), values);
      default:
        return this.appendTree(cursor.bytes.slice(start, end), values);
    }
  }

  private appendInt(from: number, to: number, values: StringColumn): void {
    if (to - from > maxSafeVarintBytes) {
      values.appendText(BigInt.asIntN(64, this.cursor.uint64(from, to)).toString());
      return;
    }
    let value = 0;
    for (let at = to - 1; at >= from; at--) value = value * 128 + (this.cursor.bytes[at]! & 0x7f);
    appendDigits(value, values);
  }

  /** `message` is a copy: the tree's readers keep the last array they saw, and must not keep a request alive. */
  appendTree(message: Uint8Array, values: StringColumn): number {
    const value = decodeValue(message);
    values.appendText(anyValueToString(value));
    return letterOf(value);
  }
}

/** Decodes a whole AnyValue message. Throws MalformedWireError, also for one that nests too deeply. */
export function decodeValue(message: Uint8Array): AnyValue {
  checkDepth(message);
  return new ValueMessage(new MessageNode(anyValueSpec, undefined, message, 0, message.length)).value;
}

/** Of a submessage that was sent several times, the whole: protobuf merges by concatenation. */
export function mergePieces(cursor: WireCursor, start: number, end: number, tag: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = start; at < end; at = cursor.end) {
    if (cursor.next(at, end) === tag) pieces.push(cursor.bytes.subarray(cursor.start, cursor.end));
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** The letter of a decoded value. */
export function letterOf(value: AnyValue): number {
  if (value === null) return typeLetters.empty;
  if (value instanceof Attributes) return typeLetters.map;
  if (value instanceof Uint8Array) return typeLetters.bytes;
  if (Array.isArray(value)) return typeLetters.array;
  switch (typeof value) {
    case "boolean":
      return typeLetters.bool;
    case "bigint":
      return typeLetters.int;
    case "number":
      return typeLetters.double;
    default:
      return typeLetters.string;
  }
}

function appendBool(value: boolean, values: StringColumn): void {
  const text = value ? trueText : falseText;
  values.append(text, 0, text.length);
}

// 2^49 has 15 digits.
const digits = new Uint8Array(16);
const digitWords = new DataView(digits.buffer);

function appendDigits(value: number, values: StringColumn): void {
  let at = digits.length;
  let rest = value;
  for (; rest > 0x7fffffff;) {
    const next = Math.floor(rest / 10);
    digits[--at] = 48 + (rest - next * 10);
    rest = next;
  }
  // Of 31 bits the division is a multiplication of integers.
  let word = rest | 0;
  do {
    const next = (word / 10) | 0;
    digits[--at] = 48 + (word - next * 10);
    word = next;
  } while (word > 0);
  values.append(digits, at, digits.length, digitWords);
}
