/**
 * Walks the fields of protobuf messages in place. `next` leaves the bounds of the field's value in `start` and `end` and returns its tag
 * (field number * 8 + wire type), so a loop over a message is
 *
 *     for (let at = from; at < to; at = cursor.end) { switch (cursor.next(at, to)) { case 0x0a: ... } }
 *
 * with `start` and `end` copied to locals before anything nested is walked. No object is made a field. A field of a known number with another
 * wire type has another tag, so it is passed over like an unknown one. Hot; benchmark: bench/ingest.ts.
 */
import { MalformedWireError } from "../../../../telemetry/wire/malformed.ts";
import type { WideColumn } from "../native/fixed-columns.ts";
import { readVarint64 } from "../../../../telemetry/wire/number.ts";

const nothing: Uint8Array = new Uint8Array(0);
const viewOfNothing: DataView = new DataView(nothing.buffer);

export class WireCursor {
  bytes: Uint8Array = nothing;
  view: DataView = viewOfNothing;
  /** Bounds of the value of the field that `next` found; for wire type 0 those of the varint. */
  start = 0;
  end = 0;

  /** Looks at another message. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Lets go of the message. */
  close(): void {
    this.bytes = nothing;
    this.view = viewOfNothing;
  }

  /** Reads the field at `at` of the message that ends at `limit`. Throws MalformedWireError; the value always lies inside the message. */
  next(at: number, limit: number): number {
    const bytes = this.bytes;
    let position = at;
    let tag = bytes[position++]!;
    if (tag >= 0x80) {
      tag = this.longVarint(at, limit);
      position = this.end;
      if (tag > 0xffffffff) throw new MalformedWireError("invalid field number", at);
    }
    if (tag < 8) throw new MalformedWireError("invalid field number", at);
    const wireType = tag & 7;
    let start = position;
    if (wireType === 2) {
      let length = position < limit ? bytes[position++]! : 0x80;
      if (length >= 0x80) {
        length = this.longVarint(start, limit);
        position = this.end;
      }
      start = position;
      position += length;
    } else if (wireType === 0) {
      while (position < limit && bytes[position]! >= 0x80) position++;
      position++;
      if (position - start > 10) throw new MalformedWireError("varint has more than 10 bytes", start);
    } else if (wireType === 1) {
      position += 8;
    } else if (wireType === 5) {
      position += 4;
    } else {
      throw new MalformedWireError(`unsupported wire type ${wireType}`, at);
    }
    if (position > limit) throw new MalformedWireError("field is cut off", at);
    this.start = start;
    this.end = position;
    return tag;
  }

  /** The varint at `at`, as a number; its end goes to `end`. */
  private longVarint(at: number, limit: number): number {
    let value = 0;
    let unit = 1;
    let position = at;
    for (;;) {
      if (position >= limit) throw new MalformedWireError("varint is cut off", at);
      if (position - at === 10) throw new MalformedWireError("varint has more than 10 bytes", at);
      const byte = this.bytes[position++]!;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) break;
      unit *= 128;
    }
    this.end = position;
    return value;
  }

  /** The end of the varint at `at`, inside packed values. */
  varintEnd(at: number, limit: number): number {
    let position = at;
    while (position < limit && this.bytes[position]! >= 0x80) position++;
    position++;
    if (position > limit || position - at > 10) throw new MalformedWireError("varint is cut off", at);
    return position;
  }

  /** The low 32 bits, unsigned, of the varint in [start, end): uint32 and enums. */
  uint32(start: number, end: number): number {
    let value = 0;
    for (let at = start, shift = 0; at < end && shift < 32; at++, shift += 7) {
      value |= (this.bytes[at]! & 0x7f) << shift;
    }
    return value >>> 0;
  }

  bool(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if ((this.bytes[at]! & 0x7f) !== 0) return true;
    return false;
  }

  /** The varint in [start, end) as unsigned 64 bits. */
  uint64(start: number, end: number): bigint {
    return readVarint64(this.bytes, start, end);
  }

  /** The low and high word of the fixed64 at `start`. */
  low(start: number): number {
    return this.view.getUint32(start, true);
  }

  high(start: number): number {
    return this.view.getUint32(start + 4, true);
  }

  isZero(start: number): boolean {
    return this.view.getUint32(start, true) === 0 && this.view.getUint32(start + 4, true) === 0;
  }

  /** The fixed32 at `start`. */
  fixed32(start: number): number {
    return this.view.getUint32(start, true);
  }

  /** Appends the fixed64 at `at` as a time; 1970 when `at` is -1, the last possible time for one beyond it. */
  appendTime(at: number, column: WideColumn): void {
    if (at === -1) {
      column.append(0, 0);
      return;
    }
    const high = this.view.getUint32(at + 4, true);
    if (high >= 0x80000000) column.append(0xffffffff, 0x7fffffff);
    else column.append(this.view.getUint32(at, true), high);
  }

  double(start: number): number {
    return this.view.getFloat64(start, true);
  }
}
