/** Lets requests with spans be sent again as if they were new: their times move on, and each trace gets another id. */
import { scanFields, scanStride } from "../src/telemetry/wire/scan.ts";
import type { PreparedCall } from "./prepared-grpc.ts";

export interface Moving {
  readonly call: PreparedCall;
  /** Where times and trace ids begin in the message. */
  readonly times: Uint32Array;
  readonly traceIds: Uint32Array;
}

// ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans.
const toSpans = [1, 2, 2];
const span = { traceId: 1, startTime: 7, endTime: 8, events: 11 };
const eventTime = 1;

export function findMoving(call: PreparedCall, message: Uint8Array): Moving {
  const times: number[] = [];
  const traceIds: number[] = [];
  const fieldsOf = (
    start: number,
    end: number,
    take: (field: number, from: number, to: number) => void,
  ): void => {
    const fields = scanFields(message, start, end);
    for (let at = 0; at < fields.length; at += scanStride)
      take(fields[at]! >>> 3, fields[at + 2]!, fields[at + 3]!);
  };
  const ofSpan = (field: number, from: number, to: number): void => {
    if (field === span.traceId) traceIds.push(from);
    else if (field === span.startTime || field === span.endTime) times.push(from);
    else if (field === span.events) {
      fieldsOf(from, to, (inner, at) => {
        if (inner === eventTime) times.push(at);
      });
    }
  };
  const descend = (depth: number, start: number, end: number): void => {
    if (depth === toSpans.length) fieldsOf(start, end, ofSpan);
    else {
      fieldsOf(start, end, (field, from, to) => {
        if (field === toSpans[depth]) descend(depth + 1, from, to);
      });
    }
  };
  descend(0, 0, message.length);
  return { call, times: Uint32Array.from(times), traceIds: Uint32Array.from(traceIds) };
}

export function moveOn({ call, times, traceIds }: Moving, milliseconds: number): void {
  const by = Buffer.alloc(8);
  by.writeBigUInt64LE(BigInt(Math.round(milliseconds)) * 1_000_000n);
  for (const time of times) add(call, time, by);
  for (const traceId of traceIds) add(call, traceId, otherTrace);
}

/** Odd, so that it takes 2^32 rounds to come back. */
const otherTrace = Buffer.from("b179379e", "hex");

/** Adds a number of as many bytes, the lowest first. They may lie in two frames. */
function add({ bytes, offsetOf }: PreparedCall, position: number, number: Uint8Array): void {
  let carry = 0;
  for (let byte = 0; byte < number.length; byte++) {
    const at = offsetOf(position + byte);
    carry += bytes[at]! + number[byte]!;
    bytes[at] = carry & 255;
    carry >>= 8;
  }
}
