import { anyValueSpec } from "../wire/common-spec.ts";
import { WireType } from "../wire/field.ts";
import { readInternedText } from "../wire/interned-text.ts";
import { readText, readVarintNumber, varintEnd } from "../wire/number.ts";
import { readScalar, type Scalar } from "../wire/scalar.ts";
import { scanFields, scanStride } from "../wire/scan.ts";

/** The key of the KeyValue in [start, end); '' when it has none. */
export function readKey(source: Uint8Array, start: number, end: number): string {
  // Nearly every writer puts the key first and nothing behind the value, both with lengths below 128.
  if (end - start >= 4 && source[start] === 0x0a && source[start + 1]! < 0x80) {
    const keyEnd = start + 2 + source[start + 1]!;
    if (keyEnd + 1 < end && source[keyEnd] === 0x12) {
      const length = source[keyEnd + 1]!;
      if (length < 0x80 && keyEnd + 2 + length === end) return readInternedText(source, start + 2, keyEnd);
    }
  }
  let key = "";
  const fields = scanFields(source, start, end);
  for (let at = 0; at < fields.length; at += scanStride) {
    if (fields[at]! >>> 3 === 1) key = readText(source, fields[at + 2]!, fields[at + 3]!);
  }
  return key;
}

/** The AnyValue of the KeyValue in [start, end), several occurrences merged; empty when it has none. Shares memory if it can. */
export function valueBytes(source: Uint8Array, start: number, end: number): Uint8Array {
  const fields = scanFields(source, start, end);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < fields.length; at += scanStride) {
    if (fields[at]! >>> 3 === 2) pieces.push(source.subarray(fields[at + 2], fields[at + 3]));
  }
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(pieces));
}

/**
 * The value of the KeyValue in [start, end) when it is a scalar and spelled as usual: key first, then one value of one field.
 * undefined otherwise, which says nothing about the value.
 */
export function plainScalar(source: Uint8Array, start: number, end: number): Scalar | undefined {
  if (end - start < 6 || source[start] !== 0x0a) return undefined;
  const keyStart = varintEnd(source, start + 1, end);
  const valueTag = keyStart + readVarintNumber(source, start + 1, keyStart);
  if (valueTag + 3 >= end || source[valueTag] !== 0x12) return undefined;
  const content = varintEnd(source, valueTag + 1, end);
  const length = readVarintNumber(source, valueTag + 1, content);
  if (length < 2 || content + length !== end || source[content]! >= 0x80) return undefined;
  const field = anyValueSpec.byNumber[source[content]! >>> 3];
  if (field === undefined || field.message !== undefined) return undefined;
  let from = content + 1;
  switch (source[content]! & 7) {
    case WireType.varint:
      return varintEnd(source, from, end) === end ? readScalar(field.type, source, from, end) : undefined;
    case WireType.fixed64:
      return from + 8 === end ? readScalar(field.type, source, from, end) : undefined;
    case WireType.bytes:
      from = varintEnd(source, from, end);
      return from + readVarintNumber(source, content + 1, from) === end
        ? readScalar(field.type, source, from, end)
        : undefined;
    default:
      return undefined;
  }
}
