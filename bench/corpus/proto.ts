import type { Random } from "../../src/base/random.ts";
import { WireType } from "../../src/telemetry/wire/field.ts";
import type { Writer } from "../../src/telemetry/wire/writer.ts";

/** Values that corpus attributes have; bigint is an int. */
export type CorpusValue = string | number | bigint | boolean | readonly string[];

/** Writes a submessage in field `number`. */
export function message(writer: Writer, number: number, write: () => void, expected = 200): void {
  writer.tag(number, WireType.bytes);
  const place = writer.begin(expected);
  write();
  writer.end(place);
}

export function text(writer: Writer, number: number, value: string): void {
  writer.tag(number, WireType.bytes);
  writer.text(value);
}

export function bytes(writer: Writer, number: number, value: Uint8Array): void {
  writer.tag(number, WireType.bytes);
  writer.lengthDelimited(value);
}

export function varint(writer: Writer, number: number, value: number): void {
  writer.tag(number, WireType.varint);
  writer.varint(value);
}

export function fixed64(writer: Writer, number: number, value: bigint): void {
  writer.tag(number, WireType.fixed64);
  writer.fixed64(value);
}

export function double(writer: Writer, number: number, value: number): void {
  writer.tag(number, WireType.fixed64);
  writer.double(value);
}

/** One KeyValue in field `number`. */
export function attribute(writer: Writer, number: number, key: string, value: CorpusValue): void {
  const start = (): void => {
    text(writer, 1, key);
    message(writer, 2, () => writeValue(writer, value), 20);
  };
  message(writer, number, start, 40);
}

function writeValue(writer: Writer, value: CorpusValue): void {
  if (typeof value === "string") text(writer, 1, value);
  else if (typeof value === "boolean") varint(writer, 2, value ? 1 : 0);
  else if (typeof value === "bigint") {
    writer.tag(3, WireType.varint);
    writer.varint64(value);
  } else if (typeof value === "number") double(writer, 4, value);
  else {
    message(writer, 5, () => {
      for (const element of value) message(writer, 1, () => text(writer, 1, element), 20);
    });
  }
}

export function integer(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

/** An element; the first ones far more often than the last ones, as real traffic is. */
export function skewed<T>(random: Random, values: readonly T[]): T {
  const value = values[Math.floor(random.next() ** 3 * values.length)];
  if (value === undefined) throw new RangeError("cannot choose from nothing");
  return value;
}

/** Milliseconds with a long tail: median 12, one of a hundred above 200. */
export function latencyMs(random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return 12 * Math.exp(1.2 * normal);
}
