import { FieldType, isPackable, wireTypeOf, WireType, type FieldSpec } from "./field.ts";
import { decodeZigzag, readText, readVarint32, readVarint64, varintEnd, viewOf } from "./number.ts";
import type { Writer } from "./writer.ts";

/** A scalar field's value in JavaScript: 64-bit integers are bigint. */
export type Scalar = string | number | bigint | boolean | Uint8Array;

const noBytes = new Uint8Array(0);
const defaults: readonly (Scalar | undefined)[] = [
  "",
  noBytes,
  noBytes,
  false,
  0,
  0,
  0,
  0,
  0n,
  0n,
  0,
  0n,
  0n,
  0,
];

/** What an absent field without presence reads as; undefined for messages. */
export function defaultOf(type: FieldType): Scalar | undefined {
  return defaults[type];
}

/** Reads the single value in [start, end), its range as `scanFields` gives it. Byte values share the memory. */
export function readScalar(type: FieldType, bytes: Uint8Array, start: number, end: number): Scalar {
  switch (type) {
    case FieldType.string:
      return readText(bytes, start, end);
    case FieldType.bytes:
    case FieldType.id:
    case FieldType.message:
      return bytes.subarray(start, end);
    case FieldType.bool:
      return readVarint64(bytes, start, end) !== 0n;
    case FieldType.enum:
    case FieldType.int32:
      return readVarint32(bytes, start, end);
    case FieldType.uint32:
      return readVarint32(bytes, start, end) >>> 0;
    case FieldType.sint32:
      return decodeZigzag(readVarint32(bytes, start, end));
    case FieldType.int64:
      return BigInt.asIntN(64, readVarint64(bytes, start, end));
    case FieldType.uint64:
      return readVarint64(bytes, start, end);
    case FieldType.fixed32:
      return viewOf(bytes).getUint32(start, true);
    case FieldType.fixed64:
      return viewOf(bytes).getBigUint64(start, true);
    case FieldType.sfixed64:
      return viewOf(bytes).getBigInt64(start, true);
    case FieldType.double:
      return viewOf(bytes).getFloat64(start, true);
  }
}

/** Appends the values of one occurrence of a repeated field, packed or not, to `into`. */
export function readRepeated(
  field: FieldSpec,
  wireType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Scalar[],
): void {
  if (wireType !== WireType.bytes || !isPackable(field.type)) {
    into.push(readScalar(field.type, bytes, start, end));
    return;
  }
  const single = wireTypeOf(field.type);
  for (let at = start; at < end;) {
    const next =
      single === WireType.varint ? varintEnd(bytes, at, end) : at + (single === WireType.fixed64 ? 8 : 4);
    into.push(readScalar(field.type, bytes, at, next));
    at = next;
  }
}

/** Writes a value without its tag; it must have the JavaScript type that `readScalar` returns for `type`. */
export function writeScalar(writer: Writer, type: FieldType, value: Scalar): void {
  if (typeof value === "string") writer.text(value);
  else if (typeof value === "boolean") writer.byte(value ? 1 : 0);
  else if (typeof value === "number") writeNumber(writer, type, value);
  else if (typeof value !== "bigint") writer.lengthDelimited(value);
  else if (type === FieldType.fixed64 || type === FieldType.sfixed64) writer.fixed64(value);
  else writer.varint64(value);
}

function writeNumber(writer: Writer, type: FieldType, value: number): void {
  if (type === FieldType.double) writer.double(value);
  else if (type === FieldType.fixed32) writer.fixed32(value);
  else if (type === FieldType.sint32) writer.varint(((value << 1) ^ (value >> 31)) >>> 0);
  else if (type === FieldType.uint32) writer.varint(value >>> 0);
  else if (value >= 0) writer.varint(value | 0);
  // Negative int32 and enum values are sign-extended to 64 bits.
  else writer.varint64(BigInt(value | 0));
}

/** Writes a whole field; repeated numbers are packed. Nothing for an empty list. */
export function writeField(writer: Writer, field: FieldSpec, value: Scalar | readonly Scalar[]): void {
  if (!Array.isArray(value)) {
    writer.tag(field.number, wireTypeOf(field.type));
    writeScalar(writer, field.type, value as Scalar);
    return;
  }
  const values: readonly Scalar[] = value;
  if (values.length === 0) return;
  if (isPackable(field.type)) {
    writer.tag(field.number, WireType.bytes);
    const place = writer.begin(values.length * 8);
    for (const one of values) writeScalar(writer, field.type, one);
    writer.end(place);
    return;
  }
  for (const one of values) {
    writer.tag(field.number, wireTypeOf(field.type));
    writeScalar(writer, field.type, one);
  }
}

/** Whether a field without presence leaves this value out. */
export function isDefault(value: Scalar): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  // Minus zero is not the default: protobuf looks at the bits.
  return typeof value === "number" ? Object.is(value, 0) : value === "" || value === 0n || value === false;
}
