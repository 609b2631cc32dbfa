/**
 * When the first item of a request happened by the clock of its sender, read without decoding the rest: the end of a span, or the time at which a
 * log record was observed. Undefined for metrics, whose points lie deeper, and where nothing is told.
 */
import type { Signal } from "../../telemetry/signal.ts";
import { findField } from "./wire-field.ts";

const firstField = (1 << 3) | 2;
const secondField = (2 << 3) | 2;
/** fixed64 fields: Span.end_time_unix_nano; LogRecord.observed_time_unix_nano, and time_unix_nano where it is missing. */
const timeFields: Readonly<Record<Signal, readonly number[]>> = {
  traces: [(8 << 3) | 1],
  logs: [(11 << 3) | 1, (1 << 3) | 1],
  metrics: [],
};

/** Unix milliseconds. Never throws. */
export function firstItemMs(signal: Signal, bytes: Uint8Array): number | undefined {
  if (timeFields[signal].length === 0) return undefined;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Both requests: 1 resource entry, 2 scope entry, 2 span or log record.
  let range = { start: 0, end: source.length };
  for (const tag of [firstField, secondField, secondField]) {
    const inner = findField(source, range.start, range.end, tag);
    if (inner === undefined) return undefined;
    range = inner;
  }
  for (const tag of timeFields[signal]) {
    const time = findField(source, range.start, range.end, tag);
    const nano = time === undefined ? 0n : source.readBigUInt64LE(time.start);
    if (nano > 0n) return Number(nano / 1_000_000n);
  }
  return undefined;
}
