import { FieldType, type FieldSpec, type MessageSpec } from "../wire/field.ts";
import { bufferOf, readText } from "../wire/number.ts";
import { isDefault, readRepeated, readScalar, type Scalar } from "../wire/scalar.ts";
import { scanFields, scanStride } from "../wire/scan.ts";
import { rootSpecs } from "../wire/schema.ts";
import type { Signal } from "../wire/signal.ts";

/**
 * Prints one Export request as OTLP/JSON without spaces: hex ids, base64 bytes, 64-bit integers as strings, enums as numbers,
 * lowerCamelCase names in the order of the .proto file. Defaults are left out, except of oneof and optional fields; unknown fields
 * are lost, JSON has no place for them. The bytes must be valid (`validateWire`); else throws `MalformedWireError`.
 */
export function bytesToOtlpJson(signal: Signal, bytes: Uint8Array): string {
  return printMessage(rootSpecs[signal], bytes, 0, bytes.length);
}

const nowhere: readonly number[] = Array.from({ length: 32 }, () => -1);

function printMessage(spec: MessageSpec, bytes: Uint8Array, start: number, end: number): string {
  const fields = scanFields(bytes, start, end);
  // First and last occurrence by slot, so that absent fields cost nothing and lists are walked once.
  const first = nowhere.slice(0, spec.fields.length);
  const last = nowhere.slice(0, spec.fields.length);
  let lastMember: FieldSpec | undefined;
  for (let at = 0; at < fields.length; at += scanStride) {
    const field = spec.byNumber[fields[at]! >>> 3];
    if (field === undefined) continue;
    if (first[field.slot] === -1) first[field.slot] = at;
    last[field.slot] = at;
    // Of a oneof the member that comes last on the wire counts.
    if (field.oneof) lastMember = field;
  }
  let text = "";
  for (const field of spec.fields) {
    const to = last[field.slot]!;
    if (to === -1 || (field.oneof && field !== lastMember)) continue;
    const value = printField(spec, field, bytes, fields, first[field.slot]!, to);
    if (value !== "") text += `${text === "" ? "{" : ","}"${field.name}":${value}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

/** Occurrences lie between `from` and `to`; '' for a default value. */
function printField(
  spec: MessageSpec,
  field: FieldSpec,
  bytes: Uint8Array,
  fields: readonly number[],
  from: number,
  to: number,
): string {
  if (field.repeated) return printRepeated(field, bytes, fields, from, to);
  const start = fields[to + 2]!;
  const end = fields[to + 3]!;
  if (field.message === undefined) return printScalarField(field, bytes, start, end);
  if (from === to) return printMessage(field.message, bytes, start, end);
  const merged = mergeOccurrences(spec, field, bytes, fields);
  return printMessage(field.message, merged, 0, merged.length);
}

function printScalarField(field: FieldSpec, bytes: Uint8Array, start: number, end: number): string {
  if (field.type === FieldType.string) {
    return start === end && !field.presence ? "" : JSON.stringify(readText(bytes, start, end));
  }
  if (field.type === FieldType.id) {
    return start === end ? "" : `"${bufferOf(bytes).toString("hex", start, end)}"`;
  }
  const value = readScalar(field.type, bytes, start, end);
  return !field.presence && isDefault(value) ? "" : printScalar(value);
}

function printScalar(value: Scalar): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `"${value}"`;
  if (value instanceof Uint8Array) return `"${bufferOf(value).toString("base64")}"`;
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function printRepeated(
  field: FieldSpec,
  bytes: Uint8Array,
  fields: readonly number[],
  from: number,
  to: number,
): string {
  let text = "";
  const add = (element: string): void => {
    text += text === "" ? `[${element}` : `,${element}`;
  };
  for (let at = from; at <= to; at += scanStride) {
    if (fields[at]! >>> 3 !== field.number) continue;
    const start = fields[at + 2]!;
    const end = fields[at + 3]!;
    if (field.message !== undefined) add(printMessage(field.message, bytes, start, end));
    else {
      const values: Scalar[] = [];
      readRepeated(field, fields[at]! & 7, bytes, start, end, values);
      for (const value of values) add(printScalar(value));
    }
  }
  return text === "" ? "" : `${text}]`;
}

/** A submessage that occurs several times is merged by concatenation; of a oneof, those since the last other member. */
function mergeOccurrences(
  spec: MessageSpec,
  field: FieldSpec,
  bytes: Uint8Array,
  fields: readonly number[],
): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < fields.length; at += scanStride) {
    const number = fields[at]! >>> 3;
    if (number === field.number) pieces.push(bytes.subarray(fields[at + 2], fields[at + 3]));
    else if (field.oneof && spec.byNumber[number]?.oneof === true) pieces.length = 0;
  }
  return new Uint8Array(Buffer.concat(pieces));
}
