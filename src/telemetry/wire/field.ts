/** Scalar and composite types of OTLP fields. Small integers, because the hot loops switch on them. */
export const FieldType = {
  string: 0,
  /** Plain bytes: base64 in JSON. */
  bytes: 1,
  /** Trace and span ids: bytes on the wire, hex in JSON. */
  id: 2,
  bool: 3,
  /** Varints of at most 32 bits, signed when read; an enum's names are in `enumNames`. */
  enum: 4,
  int32: 5,
  uint32: 6,
  sint32: 7,
  int64: 8,
  uint64: 9,
  fixed32: 10,
  fixed64: 11,
  sfixed64: 12,
  double: 13,
  message: 14,
} as const;

export type FieldType = (typeof FieldType)[keyof typeof FieldType];

/** One field of a message as the .proto file declares it. `name` is lowerCamelCase. */
export interface FieldSpec {
  readonly number: number;
  readonly name: string;
  readonly type: FieldType;
  readonly repeated: boolean;
  /** True for `optional` and oneof members: a default value is written when it was assigned. */
  readonly presence: boolean;
  /** True for a member of the message's oneof; no OTLP message has more than one. */
  readonly oneof: boolean;
  readonly message: MessageSpec | undefined;
  /** The only length in bytes of an id that is not empty; 0: any length. */
  readonly idBytes: number;
  /** Names of an enum's values by number. */
  readonly enumNames: readonly string[] | undefined;
  /** Position in `MessageSpec.fields`, from 0, below 32. */
  readonly slot: number;
}

/** One message: `fields` in order of declaration, `byNumber[n]` the field with number n (at most 16). */
export interface MessageSpec {
  readonly name: string;
  readonly fields: readonly FieldSpec[];
  readonly byNumber: readonly (FieldSpec | undefined)[];
}

/** Protobuf wire types; groups (3 and 4) are refused everywhere. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const wireTypes: readonly number[] = [2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 5, 1, 1, 1, 2];

/** The wire type of a single (unpacked) value of a type. */
export function wireTypeOf(type: FieldType): number {
  return wireTypes[type] ?? WireType.bytes;
}

/** True for types whose repeated form may be packed: all numbers. */
export function isPackable(type: FieldType): boolean {
  return wireTypeOf(type) !== WireType.bytes;
}
