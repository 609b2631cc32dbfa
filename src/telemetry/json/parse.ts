import { anyValueSpec, keyValueSpec } from "../wire/common-spec.ts";
import {
  FieldType,
  isPackable,
  wireTypeOf,
  WireType,
  type FieldSpec,
  type MessageSpec,
} from "../wire/field.ts";
import { isDefault, writeScalar } from "../wire/scalar.ts";
import { maxValueDepth, rootSpecs } from "../wire/schema.ts";
import type { Signal } from "../wire/signal.ts";
import { Writer } from "../wire/writer.ts";
import { fieldNames } from "./field-names.ts";
import { endOfText, JsonCursor, JsonTextError } from "./json-cursor.ts";
import { placeOf } from "./json-place.ts";
import { readJsonScalar } from "./scalar-text.ts";

export interface JsonLimits {
  /** Deepest nesting of attribute values, default and at most `maxValueDepth` (64). */
  readonly maxValueDepth?: number;
}

/** The message as bytes; or what is wrong, at which byte, line and column (from 1), and the path of the value there. */
export type JsonParsed =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | {
      readonly ok: false;
      readonly message: string;
      readonly offset: number;
      readonly line: number;
      readonly column: number;
      /** Such as `resourceSpans[0].scopeSpans[0].spans[3].name`; '' at the top. */
      readonly path: string;
    };

/**
 * Turns OTLP/JSON (opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding") into one Export request's bytes in a
 * single pass, without an object tree. Unknown fields are skipped, null is the default, names may be lowerCamelCase
 * or as in the .proto file. Takes memory in proportion to the text. Benchmark: bench/codec.ts.
 */
export function otlpJsonToBytes(signal: Signal, json: Uint8Array, limits: JsonLimits = {}): JsonParsed {
  const cursor = new JsonCursor(json);
  const parser: Parser = {
    cursor,
    writer: new Writer(json.length >> 1),
    deepest: Math.min(limits.maxValueDepth ?? maxValueDepth, maxValueDepth),
  };
  try {
    parseMessage(parser, rootSpecs[signal], 0);
    if (cursor.peek() !== endOfText) cursor.unexpected("the end of the text");
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    return { ok: false, message: error.message, offset: error.offset, ...placeOf(json, error.offset) };
  }
  return { ok: true, bytes: parser.writer.bytes.subarray(0, parser.writer.length) };
}

interface Parser {
  readonly cursor: JsonCursor;
  readonly writer: Writer;
  readonly deepest: number;
}

/** Parses an object and writes its fields in the order of the text. */
function parseMessage(parser: Parser, spec: MessageSpec, depth: number): void {
  const { cursor } = parser;
  const names = fieldNames(spec);
  const inner = spec === anyValueSpec ? depth + 1 : depth;
  if (inner > parser.deepest) {
    throw new JsonTextError(`values are nested deeper than ${parser.deepest}`, cursor.position);
  }
  if (cursor.peek() !== 0x7b) cursor.unexpected("an object");
  cursor.position++;
  if (cursor.accept(0x7d)) return;
  do {
    cursor.string();
    const field = names.find(cursor);
    cursor.expect(0x3a);
    if (field === undefined) cursor.skip();
    else if (!cursor.word("null")) parseField(parser, field, inner);
  } while (cursor.accept(0x2c));
  cursor.expect(0x7d);
}

function parseField(parser: Parser, field: FieldSpec, depth: number): void {
  if (field.repeated) parseArray(parser, field, depth);
  else if (field.message === undefined) parseScalar(parser, field);
  else parseSubmessage(parser, field, field.message, depth);
}

function parseSubmessage(parser: Parser, field: FieldSpec, spec: MessageSpec, depth: number): void {
  parser.writer.tag(field.number, WireType.bytes);
  // A good guess saves moving what was written.
  const place = parser.writer.begin(spec === anyValueSpec || spec === keyValueSpec ? 0 : 200);
  // An element of an array may be null: an empty message.
  if (!parser.cursor.word("null")) parseMessage(parser, spec, depth);
  parser.writer.end(place);
}

function parseScalar(parser: Parser, field: FieldSpec): void {
  const { cursor, writer } = parser;
  if (field.type === FieldType.string) {
    cursor.string();
    if (cursor.stringStart === cursor.stringEnd && !field.presence) return;
    writer.tag(field.number, WireType.bytes);
    if (cursor.escaped) writer.text(cursor.text());
    else {
      writer.varint(cursor.stringEnd - cursor.stringStart);
      writer.raw(cursor.bytes, cursor.stringStart, cursor.stringEnd);
    }
    return;
  }
  const value = readJsonScalar(cursor, field);
  if (!field.presence && isDefault(value)) return;
  writer.tag(field.number, wireTypeOf(field.type));
  writeScalar(writer, field.type, value);
}

function parseArray(parser: Parser, field: FieldSpec, depth: number): void {
  const { cursor, writer } = parser;
  if (cursor.peek() !== 0x5b) cursor.unexpected("an array");
  cursor.position++;
  if (cursor.accept(0x5d)) return;
  const packed = field.message === undefined && isPackable(field.type);
  if (packed) writer.tag(field.number, WireType.bytes);
  const place = packed ? writer.begin(100) : 0;
  do {
    if (field.message !== undefined) parseSubmessage(parser, field, field.message, depth);
    else {
      if (!packed) writer.tag(field.number, wireTypeOf(field.type));
      writeScalar(writer, field.type, readJsonScalar(cursor, field));
    }
  } while (cursor.accept(0x2c));
  cursor.expect(0x5d);
  if (packed) writer.end(place);
}
