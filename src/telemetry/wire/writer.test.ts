import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FieldType } from "./field.ts";
import { MalformedWireError } from "./malformed.ts";
import { readVarint32, readVarint64, readVarintNumber, varintEnd } from "./number.ts";
import { readScalar, writeScalar, type Scalar } from "./scalar.ts";
import { scanFields } from "./scan.ts";
import { Writer } from "./writer.ts";

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer(16);
  write(writer);
  return writer.finish();
}

describe("varints", () => {
  it.each<[bigint, string]>([
    [0n, "00"],
    [127n, "7f"],
    [128n, "8001"],
    [300n, "ac02"],
    [2n ** 28n, "8080808001"],
    [2n ** 56n, "808080808080808001"],
    [2n ** 63n, "80808080808080808001"],
    [2n ** 64n - 1n, "ffffffffffffffffff01"],
  ])("%d is %s", (value, hex) => {
    const bytes = written((writer) => writer.varint64(value));
    expect(Buffer.from(bytes).toString("hex")).toBe(hex);
    expect(readVarint64(bytes, 0, bytes.length)).toBe(value);
    expect(varintEnd(bytes, 0, bytes.length)).toBe(bytes.length);
    expect(readVarint32(bytes, 0, bytes.length)).toBe(Number(BigInt.asIntN(32, value)));
    if (value >= 2n ** 53n) return;
    expect(readVarintNumber(bytes, 0, bytes.length)).toBe(Number(value));
    expect(written((writer) => writer.varint(Number(value)))).toStrictEqual(bytes);
  });

  it.each<[string, string]>([
    ["", "varint is cut off"],
    ["8080", "varint is cut off"],
    ["8080808080808080808001", "varint has more than 10 bytes"],
  ])("refuses %j", (hex, message) => {
    const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
    expect(() => varintEnd(bytes, 0, bytes.length)).toThrow(new MalformedWireError(message, 0));
  });
});

describe("scalars", () => {
  const int32 = fc.integer();
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
  const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
  it.each<[keyof typeof FieldType, fc.Arbitrary<Scalar>]>([
    ["bool", fc.boolean()],
    ["enum", int32],
    ["int32", int32],
    ["uint32", uint32],
    ["sint32", int32],
    ["int64", int64],
    ["uint64", uint64],
    ["fixed32", uint32],
    ["fixed64", uint64],
    ["sfixed64", int64],
    ["double", fc.double()],
  ])("any %s reads as it was written", (type, values) => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = written((writer) => writeScalar(writer, FieldType[type], value));
        expect(readScalar(FieldType[type], bytes, 0, bytes.length)).toBe(value);
      }),
    );
  });
});

describe("length prefixes", () => {
  it.each([0, 1, 127, 128, 129, 16_383, 16_384, 2_097_152])(
    "of %d bytes are right whatever was guessed",
    (size) => {
      for (const guess of [0, 127, 128, 16_384, 3_000_000]) {
        const bytes = written((writer) => {
          writer.tag(1, 2);
          const place = writer.begin(guess);
          for (let left = size; left > 0; left -= 1000)
            writer.raw(new Uint8Array(1000).fill(7), 0, Math.min(left, 1000));
          writer.end(place);
          writer.tag(2, 0);
          writer.varint(1);
        });
        const fields = scanFields(bytes, 0, bytes.length);
        expect([fields[0], fields[4], fields.length]).toStrictEqual([10, 16, 8]);
        expect(fields[3]! - fields[2]!).toBe(size);
        expect(bytes.subarray(fields[2], fields[3]).every((byte) => byte === 7)).toBe(true);
      }
    },
  );

  it("keep what lies behind them when the buffer is full", () => {
    const capacity = 300;
    for (let before = 0; before < capacity; before++) {
      for (const guess of [0, 200]) {
        const writer = new Writer(capacity);
        writer.raw(new Uint8Array(before), 0, before);
        const place = writer.begin(guess);
        writer.raw(Uint8Array.of(1, 2, 3), 0, 3);
        writer.end(place);
        expect([...writer.finish().subarray(before)]).toStrictEqual([3, 1, 2, 3]);
      }
    }
  });
});
