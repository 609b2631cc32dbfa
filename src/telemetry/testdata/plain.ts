import { anyValueSpec, keyValueSpec } from "../wire/common-spec.ts";
import { FieldType, type FieldSpec, type MessageSpec } from "../wire/field.ts";

/** A message as a plain object: present fields by name, repeated ones as arrays. The oracle of the codec's tests. */
export interface Plain {
  readonly [name: string]: unknown;
}

interface RawField {
  readonly number: number;
  readonly wireType: number;
  readonly value: bigint | Buffer;
}

/** Splits a message the plain way: bigint varints, copied ranges. */
function rawFields(bytes: Buffer): RawField[] {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  const take = (count: number): Buffer => {
    at += count;
    if (at > bytes.length) throw new RangeError("cut off");
    return bytes.subarray(at - count, at);
  };
  const found: RawField[] = [];
  while (at < bytes.length) {
    const tag = Number(varint());
    const wireType = tag % 8;
    const number = (tag - wireType) / 8;
    if (wireType === 0) found.push({ number, wireType, value: varint() });
    else if (wireType === 1) found.push({ number, wireType, value: take(8) });
    else if (wireType === 2) found.push({ number, wireType, value: take(Number(varint())) });
    else if (wireType === 5) found.push({ number, wireType, value: take(4) });
    else throw new RangeError(`wire type ${wireType}`);
  }
  return found;
}

function scalar(field: FieldSpec, value: bigint | Buffer): unknown {
  if (typeof value === "bigint") {
    const low = BigInt.asIntN(32, value);
    if (field.type === FieldType.bool) return value !== 0n;
    if (field.type === FieldType.int64) return BigInt.asIntN(64, value);
    if (field.type === FieldType.uint64) return value;
    if (field.type === FieldType.uint32) return Number(BigInt.asUintN(32, value));
    if (field.type !== FieldType.sint32) return Number(low);
    const unsigned = BigInt.asUintN(32, value);
    return Number(unsigned % 2n === 0n ? unsigned / 2n : -(unsigned + 1n) / 2n);
  }
  if (field.type === FieldType.string) return value.toString("utf8");
  if (field.type === FieldType.double) return value.readDoubleLE();
  if (field.type === FieldType.fixed32) return value.readUInt32LE();
  if (field.type === FieldType.fixed64) return value.readBigUInt64LE();
  if (field.type === FieldType.sfixed64) return value.readBigInt64LE();
  return new Uint8Array(value);
}

function unpack(field: FieldSpec, bytes: Buffer): unknown[] {
  if (field.type === FieldType.uint64) {
    // Prefix each varint with a tag to reuse the splitter.
    const values: unknown[] = [];
    let start = 0;
    bytes.forEach((byte, index) => {
      if (byte >= 0x80) return;
      const [one] = rawFields(Buffer.concat([Buffer.of(8), bytes.subarray(start, index + 1)]));
      values.push(scalar(field, one!.value));
      start = index + 1;
    });
    return values;
  }
  return Array.from({ length: bytes.length / 8 }, (_, index) => scalar(field, bytes.subarray(index * 8, index * 8 + 8)));
}

function isDefault(value: unknown): boolean {
  return value === "" || value === false || value === 0n || Object.is(value, 0) || (value instanceof Uint8Array && value.length === 0);
}

/** Decodes with protobuf's rules: last value wins, submessages and lists merge, a oneof keeps its last member. */
export function decodePlain(spec: MessageSpec, bytes: Uint8Array): Plain {
  const lists = new Map<string, unknown[]>();
  const singles = new Map<string, unknown>();
  const pieces = new Map<FieldSpec, Buffer[]>();
  for (const { number, wireType, value } of rawFields(Buffer.from(bytes))) {
    const field = spec.fields.find((one) => one.number === number);
    if (field === undefined) continue;
    if (field.oneof) {
      for (const other of spec.fields) {
        if (!other.oneof || other === field) continue;
        singles.delete(other.name);
        pieces.delete(other);
      }
    }
    const list = lists.get(field.name) ?? [];
    if (field.repeated) lists.set(field.name, list);
    if (field.message !== undefined && field.repeated) list.push(decodePlain(field.message, value as Buffer));
    else if (field.message !== undefined) pieces.set(field, [...(pieces.get(field) ?? []), value as Buffer]);
    else if (field.repeated && wireType === 2 && field.type !== FieldType.string) list.push(...unpack(field, value as Buffer));
    else if (field.repeated) list.push(scalar(field, value));
    else singles.set(field.name, scalar(field, value));
  }
  const plain: Record<string, unknown> = {};
  for (const field of spec.fields) {
    const list = lists.get(field.name) ?? [];
    const parts = pieces.get(field);
    const one = singles.get(field.name);
    if (list.length > 0) plain[field.name] = list;
    else if (parts !== undefined && field.message !== undefined) plain[field.name] = decodePlain(field.message, Buffer.concat(parts));
    else if (one !== undefined && (field.presence || !isDefault(one))) plain[field.name] = one;
  }
  return plain;
}

/** What JSON.parse gives for a message in OTLP/JSON. */
export function plainToJson(spec: MessageSpec, plain: Plain): Plain {
  const json: Record<string, unknown> = {};
  for (const field of spec.fields) {
    const value = plain[field.name];
    if (value === undefined) continue;
    json[field.name] = Array.isArray(value) ? value.map((one) => valueToJson(field, one)) : valueToJson(field, value);
  }
  return json;
}

function valueToJson(field: FieldSpec, value: unknown): unknown {
  if (field.message !== undefined) return plainToJson(field.message, value as Plain);
  if (value instanceof Uint8Array) return Buffer.from(value).toString(field.type === FieldType.id ? "hex" : "base64");
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** A message as the tree shows it: every field, defaults included; attributes as [key, value], values as JavaScript's. */
export function plainToTree(spec: MessageSpec, plain: Plain): unknown {
  if (spec === anyValueSpec) return plainToValue(plain);
  if (spec === keyValueSpec) return [plain["key"] ?? "", plainToValue((plain["value"] ?? {}) as Plain)];
  const shown: Record<string, unknown> = {};
  for (const field of spec.fields) shown[field.name] = fieldToTree(field, plain[field.name]);
  return shown;
}

function fieldToTree(field: FieldSpec, value: unknown): unknown {
  const { message } = field;
  if (field.repeated) {
    const list = (value ?? []) as unknown[];
    return message === undefined ? list : list.map((one) => plainToTree(message, one as Plain));
  }
  if (message !== undefined) {
    return value === undefined && field.oneof ? undefined : plainToTree(message, (value ?? {}) as Plain);
  }
  if (value !== undefined || field.presence) return value;
  const zeros = ["", new Uint8Array(0), new Uint8Array(0), false, 0, 0, 0, 0, 0n, 0n, 0, 0n, 0n, 0];
  return zeros[field.type];
}

function plainToValue(plain: Plain): unknown {
  const [name] = Object.keys(plain);
  const value = name === undefined ? null : plain[name];
  const values = (): Plain[] => ((value as Plain)["values"] ?? []) as Plain[];
  if (name === "arrayValue") return values().map(plainToValue);
  if (name === "kvlistValue") return values().map((one) => plainToTree(keyValueSpec, one));
  return value;
}

/** Every unknown field outside oneofs, at every depth, in order: "Span#100=..." each. */
export function unknownFields(spec: MessageSpec, bytes: Uint8Array): string[] {
  return rawFields(Buffer.from(bytes)).flatMap(({ number, value }) => {
    const field = spec.fields.find((one) => one.number === number);
    if (field === undefined) return [`${spec.name}#${number}=${typeof value === "bigint" ? value : value.toString("hex")}`];
    return field.message === undefined || field.oneof ? [] : unknownFields(field.message, value as Buffer);
  });
}
