import { FieldType, type FieldSpec } from "../wire/field.ts";
import { defaultOf, type Scalar } from "../wire/scalar.ts";
import { readDigitsDirectly, readHexDirectly } from "./direct-scalar.ts";
import { JsonTextError, type JsonCursor } from "./json-cursor.ts";

const integerRanges: Readonly<Partial<Record<FieldType, readonly [bigint, bigint]>>> = {
  [FieldType.enum]: [-(2n ** 31n), 2n ** 31n - 1n],
  [FieldType.int32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [FieldType.sint32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [FieldType.uint32]: [0n, 2n ** 32n - 1n],
  [FieldType.fixed32]: [0n, 2n ** 32n - 1n],
  [FieldType.int64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [FieldType.sfixed64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [FieldType.uint64]: [0n, 2n ** 64n - 1n],
  [FieldType.fixed64]: [0n, 2n ** 64n - 1n],
};

/**
 * Reads a scalar as OTLP/JSON spells it: ids in hex, bytes in base64 (both alphabets, padding optional), integers as numbers
 * or strings, enums as numbers or names, doubles also as "NaN", "Infinity", "-Infinity". Not null.
 */
export function readJsonScalar(cursor: JsonCursor, field: FieldSpec): Scalar {
  const { type } = field;
  if (type === FieldType.string) {
    cursor.string();
    return cursor.text();
  }
  if (type === FieldType.id) return readId(cursor, field);
  if (type === FieldType.bytes) return readBytes(cursor, false);
  if (type === FieldType.double) return readDouble(cursor);
  if (type === FieldType.bool) return readBool(cursor);
  const value = readInteger(cursor, field);
  return typeof defaultOf(type) === "bigint" ? value : Number(value);
}

function readBool(cursor: JsonCursor): boolean {
  if (cursor.word("true")) return true;
  if (!cursor.word("false")) cursor.unexpected("true or false");
  return false;
}

function readId(cursor: JsonCursor, { idBytes }: FieldSpec): Uint8Array {
  const id = readBytes(cursor, true);
  if (id.length === idBytes || id.length === 0) return id;
  const text = shorten(Buffer.from(id).toString("hex"));
  throw new JsonTextError(
    `"${text}" has a length of ${id.length} instead of ${idBytes} bytes`,
    cursor.stringStart,
  );
}

function readBytes(cursor: JsonCursor, hex: boolean): Uint8Array {
  const direct = hex ? readHexDirectly(cursor) : undefined;
  if (direct !== undefined) return direct;
  cursor.string();
  const text = cursor.text();
  const valid = hex
    ? text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text)
    : /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && text.replaceAll("=", "").length % 4 !== 1;
  if (!valid) {
    throw new JsonTextError(`"${shorten(text)}" is not ${hex ? "hex" : "base64"}`, cursor.stringStart);
  }
  return Buffer.from(text, hex ? "hex" : "base64");
}

function readDouble(cursor: JsonCursor): number {
  if (cursor.peek() !== 0x22) {
    const start = cursor.position;
    return finite(cursor.number(), start);
  }
  cursor.string();
  const text = cursor.text();
  if (text === "NaN" || text === "Infinity" || text === "-Infinity") return Number(text);
  if (text.trim() !== "" && !Number.isNaN(Number(text))) return finite(text, cursor.stringStart);
  throw new JsonTextError(`"${shorten(text)}" is not a number`, cursor.stringStart);
}

/** A number that no double can hold is no infinity. */
function finite(text: string, offset: number): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new JsonTextError(`${shorten(text)} is out of range`, offset);
}

function readInteger(cursor: JsonCursor, field: FieldSpec): bigint {
  const quoted = cursor.peek() === 0x22;
  const start = cursor.position;
  const direct = readDigitsDirectly(cursor);
  if (direct !== undefined) return inRange(direct, field, start);
  let text: string;
  if (quoted) {
    cursor.string();
    text = cursor.text();
  } else text = cursor.number();
  const value = parseInteger(text) ?? (quoted ? enumValue(field, text) : undefined);
  if (value === undefined) throw new JsonTextError(`"${shorten(text)}" is not a whole number`, start);
  return inRange(value, field, start);
}

function inRange(value: bigint, field: FieldSpec, offset: number): bigint {
  const range = integerRanges[field.type];
  if (range !== undefined && value >= range[0] && value <= range[1]) return value;
  throw new JsonTextError(`${value} is out of range`, offset);
}

/** Also "1.0" and "1e3", as protobuf's JSON mapping allows; undefined when the text is no whole number. */
function parseInteger(text: string): bigint | undefined {
  if (/^-?\d{1,15}$/.test(text)) return BigInt(Number(text));
  // Longer ones are out of every range; BigInt would take quadratic time.
  if (/^-?\d{1,30}$/.test(text)) return BigInt(text);
  if (!/^-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isInteger(value) ? BigInt(value) : undefined;
}

function enumValue(field: FieldSpec, text: string): bigint | undefined {
  const index = field.enumNames?.indexOf(text) ?? -1;
  return index === -1 ? undefined : BigInt(index);
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}...`;
}
