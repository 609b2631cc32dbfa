import { anyValueSpec } from "./common-spec.ts";
import { isPackable, wireTypeOf, WireType, type FieldSpec, type MessageSpec } from "./field.ts";
import { countItems } from "./count-items.ts";
import { MalformedWireError } from "./malformed.ts";
import { readVarintNumber, varintEnd } from "./number.ts";
import { maxValueDepth, rootSpecs } from "./schema.ts";
import type { Signal } from "./signal.ts";

/** Whether bytes are a valid request, and how many items it holds; or what is wrong at which byte. */
export type WireCheck =
  | { readonly ok: true; readonly items: number }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/**
 * Checks one Export request: every known message at every depth, wire types, lengths, nesting of values (`maxValueDepth`).
 * Unknown fields must only be well-formed; groups are refused. UTF-8 is not checked, as the Collector does not.
 * Makes no objects. Benchmark: bench/codec.ts.
 */
export function validateWire(signal: Signal, bytes: Uint8Array): WireCheck {
  try {
    checkMessage(rootSpecs[signal], bytes, 0, bytes.length, 0);
  } catch (error) {
    if (error instanceof MalformedWireError)
      return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
  return { ok: true, items: countItems(signal, bytes) };
}

function checkMessage(spec: MessageSpec, bytes: Uint8Array, start: number, end: number, depth: number): void {
  const inner = spec === anyValueSpec ? depth + 1 : depth;
  if (inner > maxValueDepth)
    throw new MalformedWireError(`values are nested deeper than ${maxValueDepth}`, start);
  let position = start;
  while (position < end) {
    const tagStart = position;
    position = varintEnd(bytes, position, end);
    const tag = readVarintNumber(bytes, tagStart, position);
    if (tag < 8 || tag > 0xffffffff) throw new MalformedWireError("invalid field number", tagStart);
    const field = tag < 17 * 8 ? spec.byNumber[tag >>> 3] : undefined;
    const wireType = tag & 7;
    if (field !== undefined && wireType !== wireTypeOf(field.type) && !isPacked(field, wireType)) {
      throw new MalformedWireError(`${spec.name}.${field.name} has wire type ${wireType}`, tagStart);
    }
    switch (wireType) {
      case WireType.varint:
        position = varintEnd(bytes, position, end);
        break;
      case WireType.fixed64:
        position += 8;
        break;
      case WireType.fixed32:
        position += 4;
        break;
      case WireType.bytes: {
        const valueStart = varintEnd(bytes, position, end);
        position = valueStart + readVarintNumber(bytes, position, valueStart);
        if (position > end) throw new MalformedWireError("field is cut off", tagStart);
        if (field === undefined) break;
        if (field.message !== undefined) checkMessage(field.message, bytes, valueStart, position, inner);
        else if (field.repeated && isPackable(field.type)) checkPacked(field, bytes, valueStart, position);
        break;
      }
      default:
        throw new MalformedWireError(`unsupported wire type ${wireType}`, tagStart);
    }
    if (position > end) throw new MalformedWireError("field is cut off", tagStart);
  }
}

function isPacked(field: FieldSpec, wireType: number): boolean {
  return field.repeated && wireType === WireType.bytes && isPackable(field.type);
}

function checkPacked(field: FieldSpec, bytes: Uint8Array, start: number, end: number): void {
  const single = wireTypeOf(field.type);
  if (single === WireType.varint) {
    for (let at = start; at < end;) at = varintEnd(bytes, at, end);
    return;
  }
  if ((end - start) % (single === WireType.fixed64 ? 8 : 4) !== 0) {
    throw new MalformedWireError(`packed "${field.name}" is cut off`, start);
  }
}
