/**
 * One batch as bytes on disk:
 *
 *     0  u32  CRC-32 of bytes 4 to 19      12  u32  items
 *     4  u32  length of the body           16  u32  length of the context
 *     8  u32  CRC-32 of the body           20  body: context as JSON, OTLP protobuf
 *
 * Numbers are little-endian. A damaged body costs one record; a damaged head also those behind it, whose places it held.
 */
import { crc32 } from "../../../../base/durable/checksum.ts";
import { Batch, type BatchContext, type Protocol } from "../../../../telemetry/batch.ts";
import type { Signal } from "../../../../telemetry/signal.ts";

export const recordHeadBytes = 20;

export interface RecordHead {
  readonly bodyBytes: number;
  readonly bodyChecksum: number;
  readonly items: number;
  /** Bytes of OTLP in the body. */
  readonly payloadBytes: number;
}

/** The pieces of a record, the batch's own bytes among them; and their length. */
export function recordOf(batch: Batch): { readonly pieces: readonly Uint8Array[]; readonly bytes: number } {
  const context = Buffer.from(JSON.stringify(plainContext(batch.context)));
  const body = [context, ...batch.chunks];
  const bodyBytes = body.reduce((sum, piece) => sum + piece.length, 0);
  const head = Buffer.alloc(recordHeadBytes);
  head.writeUInt32LE(bodyBytes, 4);
  head.writeUInt32LE(crc32(body), 8);
  head.writeUInt32LE(batch.itemCount, 12);
  head.writeUInt32LE(context.length, 16);
  head.writeUInt32LE(crc32([head.subarray(4)]), 0);
  return { pieces: [head, ...body], bytes: recordHeadBytes + bodyBytes };
}

/** Reads a head; undefined when it is not as it was written. */
export function readRecordHead(head: Buffer): RecordHead | undefined {
  if (head.length < recordHeadBytes) return undefined;
  if (crc32([head.subarray(4, recordHeadBytes)]) !== head.readUInt32LE(0)) return undefined;
  return {
    bodyBytes: head.readUInt32LE(4),
    bodyChecksum: head.readUInt32LE(8),
    items: head.readUInt32LE(12),
    payloadBytes: head.readUInt32LE(4) - head.readUInt32LE(16),
  };
}

/** The batch of a body, or undefined when it is not as it was written. */
export function readRecordBody(signal: Signal, head: RecordHead, body: Buffer): Batch | undefined {
  if (body.length !== head.bodyBytes || crc32([body]) !== head.bodyChecksum) return undefined;
  const contextEnd = head.bodyBytes - head.payloadBytes;
  const context = readContext(JSON.parse(body.toString("utf8", 0, contextEnd)) as Partial<PlainContext>);
  return Batch.fromBytes(signal, body.subarray(contextEnd), context);
}

interface PlainContext {
  readonly tenant: string;
  readonly peer: string;
  readonly protocol: Protocol;
  readonly receivedUnixMs: number;
  readonly metadata: readonly (readonly [string, readonly string[]])[];
}

function plainContext(context: BatchContext): PlainContext {
  const { tenant, peer, protocol, receivedUnixMs, metadata = [] } = context;
  return { tenant, peer, protocol, receivedUnixMs, metadata: [...metadata] };
}

function readContext(plain: Partial<PlainContext>): BatchContext {
  const { tenant = "", peer = "", protocol = "internal", receivedUnixMs = 0, metadata = [] } = plain;
  return {
    tenant,
    peer,
    protocol,
    receivedUnixMs,
    ...(metadata.length === 0 ? {} : { metadata: new Map(metadata) }),
  };
}
