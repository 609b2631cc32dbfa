import * as fc from "fast-check";
import { seededRandom, type Random } from "../../base/random.ts";
import { FieldType, isPackable, wireTypeOf, type FieldSpec, type MessageSpec } from "../wire/field.ts";

/**
 * Any valid spelling of any message of a table: fields in any order, repeated or missing, unknown ones between them, varints
 * longer than needed, numbers packed or not, text that is no UTF-8. Made from a seed because fast-check's own recursion takes seconds
 * a message; what shrinks is the number of fields.
 */
export function messageBytes(spec: MessageSpec): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.integer(), fc.integer({ min: 1, max: 9 }))
    .map(([seed, breadth]) => validMessage(spec, seededRandom(seed), breadth));
}

/** One such message. */
export function validMessage(spec: MessageSpec, random: Random, breadth: number): Uint8Array {
  return new Uint8Array(new MessageMaker(random, breadth).message(spec, 9));
}

const words = ["", "a", "GET /product/:id", "service.name", "größe", "🎉", "x".repeat(130)];
const doubles = [0, -0, 1, 1.5, -1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

class MessageMaker {
  private readonly random: Random;
  private readonly breadth: number;
  /** Fields that may still be made: bounds the whole. */
  private left = 400;

  constructor(random: Random, breadth: number) {
    this.random = random;
    this.breadth = breadth;
  }

  message(spec: MessageSpec, depth: number): Buffer {
    const parts: Buffer[] = [];
    const fields = spec.fields.filter((field) => field.message === undefined || depth > 0);
    for (let count = this.integer(this.breadth + 1); count > 0 && this.left > 0; count--) {
      this.left--;
      // Messages more often than scalars, else hardly anything would nest.
      const messages = fields.filter((field) => field.message !== undefined);
      const pool = messages.length > 0 && this.random.next() < 0.5 ? messages : fields;
      const field = pool[this.integer(pool.length)];
      parts.push(field === undefined || this.random.next() < 0.1 ? this.unknownField() : this.field(field, depth));
    }
    return Buffer.concat(parts);
  }

  private field(field: FieldSpec, depth: number): Buffer {
    if (field.message !== undefined) return this.tagged(field.number, 2, this.message(field.message, depth - 1));
    const packed = field.repeated && isPackable(field.type) && this.random.next() < 0.6;
    if (!packed) return this.tagged(field.number, wireTypeOf(field.type), this.value(field));
    const values = Array.from({ length: this.integer(4) }, () => this.value(field));
    return this.tagged(field.number, 2, Buffer.concat(values));
  }

  private value(field: FieldSpec): Buffer {
    const wireType = wireTypeOf(field.type);
    if (field.type === FieldType.id) return Buffer.from(this.random.bytes(this.integer(8) === 0 ? 0 : field.idBytes));
    if (field.type === FieldType.double) {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(doubles[this.integer(doubles.length)]!);
      return bytes;
    }
    return this.valueOf(wireType);
  }

  private valueOf(wireType: number): Buffer {
    if (wireType === 0) {
      const large = this.random.next() < 0.3;
      const value = large ? Buffer.from(this.random.bytes(8)).readBigUInt64LE() : BigInt(this.integer(300));
      return this.varint(value);
    }
    if (wireType === 1) return Buffer.from(this.random.bytes(8));
    if (wireType === 5) return Buffer.from(this.random.bytes(4));
    if (this.random.next() < 0.2) return Buffer.from(this.random.bytes(this.integer(20)));
    return Buffer.from(words[this.integer(words.length)]!);
  }

  private unknownField(): Buffer {
    const number = [17, 100, 1000, 2 ** 29 - 1][this.integer(4)]!;
    const wireType = [0, 1, 2, 5][this.integer(4)]!;
    return this.tagged(number, wireType, this.valueOf(wireType));
  }

  private tagged(number: number, wireType: number, value: Buffer): Buffer {
    const length = wireType === 2 ? this.varint(BigInt(value.length)) : Buffer.alloc(0);
    return Buffer.concat([this.varint(BigInt(number * 8 + wireType)), length, value]);
  }

  /** As some odd writer may spell it: sometimes longer than needed. */
  private varint(value: bigint): Buffer {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    const padding = this.random.next() < 0.9 ? 0 : 1 + this.integer(3);
    for (let left = Math.min(padding, 10 - bytes.length); left > 0; left--) {
      bytes[bytes.length - 1]! |= 0x80;
      bytes.push(0);
    }
    return Buffer.from(bytes);
  }

  private integer(below: number): number {
    return Math.floor(this.random.next() * below);
  }
}
