import { Writer } from "../../../telemetry/wire/writer.ts";
import type { AttributeValue, TracedSpan } from "./span.ts";

/** Wire types of protobuf. */
const [varint, fixed64, delimited, fixed32] = [0, 1, 2, 5];
/** W3C trace flags. */
const sampled = 1;
const error = 2;

/** Spans of one process. */
export interface ProcessSpans {
  /** Resource attributes. */
  readonly resource: ReadonlyMap<string, AttributeValue>;
  readonly items: readonly (TracedSpan | EncodedSpans)[];
}

/** Spans of one process that are encoded already. */
export interface EncodedSpans {
  readonly process: number;
  readonly count: number;
  /** Fields "spans" of a ScopeSpans (opentelemetry-proto 1.9), one behind the other. */
  readonly bytes: Uint8Array;
}

export interface EncodeOptions {
  /** Name of the instrumentation scope; default that of Go programs. */
  readonly scope?: string;
  /** Version of the instrumentation scope. */
  readonly version: string;
  /** Added to CLOCK_MONOTONIC it gives nanoseconds since the Unix epoch. */
  readonly epochNs: bigint;
}

/** Of the spans and metrics of Go programs. */
export const goScope = "otelier.ebpf.go";

/** An ExportTraceServiceRequest (opentelemetry-proto 1.9) in pieces, one behind the other: spans that are encoded already are not copied again. */
export function encodeSpans(
  processes: readonly ProcessSpans[],
  options: EncodeOptions,
): readonly Uint8Array[] {
  return processes.flatMap(({ resource, items }) => {
    const [spans, scope] = [new Writer(256), new Writer(64)];
    const pieces: Uint8Array[] = [];
    for (const item of items) {
      if ("bytes" in item) {
        pieces.push(spans.finish(), item.bytes);
        spans.length = 0;
      } else {
        nested(spans, 2, () => writeSpan(spans, item, options.epochNs));
      }
    }
    pieces.push(spans.finish());
    nested(scope, 1, () => {
      text(scope, 1, options.scope ?? goScope);
      text(scope, 2, options.version);
    });
    const scopeSpans = headOf(2, [scope.finish(), ...pieces]);
    const own = new Writer(256);
    nested(own, 1, () => writeAttributes(own, 1, resource));
    return headOf(1, [own.finish(), ...scopeSpans]);
  });
}

/** The pieces as a message that is a field of another one. */
function headOf(field: number, pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const writer = new Writer(16);
  writer.tag(field, delimited);
  writer.varint(pieces.reduce((sum, { length }) => sum + length, 0));
  return [writer.finish(), ...pieces];
}

function writeSpan(writer: Writer, span: TracedSpan, epochNs: bigint): void {
  const { record } = span;
  bytes(writer, 1, record.traceId);
  bytes(writer, 2, record.spanId);
  if (record.parentId !== undefined) bytes(writer, 4, record.parentId);
  writer.tag(7, fixed64);
  writer.fixed64(record.startNs + epochNs);
  writer.tag(8, fixed64);
  writer.fixed64(record.endNs + epochNs);
  writeShape(writer, span);
}

/** The fields that spans of many requests have in common: all but ids and times. */
export function encodeSpanShape(span: Omit<TracedSpan, "record">): Uint8Array {
  const writer = new Writer(512);
  writeShape(writer, span);
  return writer.finish();
}

function writeShape(writer: Writer, span: Omit<TracedSpan, "record">): void {
  text(writer, 5, span.name);
  writer.tag(6, varint);
  writer.varint(span.kind);
  writeAttributes(writer, 9, span.attributes);
  if (span.failed) {
    nested(writer, 15, () => {
      writer.tag(3, varint);
      writer.varint(error);
    });
  }
  writer.tag(16, fixed32);
  writer.fixed32(sampled);
}

function writeAttributes(
  writer: Writer,
  field: number,
  attributes: ReadonlyMap<string, AttributeValue>,
): void {
  for (const [key, value] of attributes) {
    nested(writer, field, () => {
      text(writer, 1, key);
      nested(writer, 2, () => {
        if (typeof value === "string") {
          text(writer, 1, value);
          return;
        }
        writer.tag(3, varint);
        writer.varint64(BigInt(value));
      });
    });
  }
}

function nested(writer: Writer, field: number, write: () => void): void {
  writer.tag(field, delimited);
  const place = writer.begin(64);
  write();
  writer.end(place);
}

function text(writer: Writer, field: number, value: string): void {
  writer.tag(field, delimited);
  writer.text(value);
}

function bytes(writer: Writer, field: number, value: Uint8Array): void {
  writer.tag(field, delimited);
  writer.lengthDelimited(value);
}
