import { Writer } from "../../../telemetry/wire/writer.ts";
import { encodeSpanShape, type EncodedSpan } from "./encode.ts";
import { httpRooms, readRecord, recordBytes } from "./record.ts";
import { spanOf, type TracedSpan } from "./span.ts";

/** Counts one request of `seconds` in the metrics. */
export type Counter = (seconds: number) => void;

/** What the spans of many requests have in common: all but ids, times, path, query and peer. */
interface Shape {
  /** The bytes of a record that make it this shape: kind, process, state, lengths; method and host; route. */
  readonly key: Uint8Array;
  /** Name, kind, attributes, status and flags as fields of a Span. */
  readonly fields: Uint8Array;
  readonly sampled: boolean;
  readonly count: Counter | undefined;
}

/** Hosts are the callers' choice: when there are more shapes than this, all are forgotten and found anew. */
const maxShapes = 4096;
const server = 1;
const attributesOfPeers = ["url.path", "url.query", "client.address", "client.port"];
/** Fields of Span: trace id, span id, parent, times, attributes. Of KeyValue: key, value. Of AnyValue: text, integer. */
const [traceId, spanId, parentId, start, end] = [0x0a, 0x12, 0x22, 0x39, 0x41];
const [attribute, key, value, text, integer] = [0x4a, 0x0a, 0x12, 0x0a, 0x18];
const pathKey = Buffer.from("url.path");
const queryKey = Buffer.from("url.query");
const addressKey = Buffer.from("client.address");
const portKey = Buffer.from("client.port");

/**
 * Makes spans of requests to servers from the records of bpf/span.h without an object for each: what such spans have in common is encoded once, ids, times
 * and the texts of one request are copied behind it. spanOf and writeSpan say the same of any record, and are asked for what is rare.
 */
export class RequestEncoder {
  private readonly counterOf: (span: TracedSpan) => Counter | undefined;
  private shapes = new Map<number, Shape[]>();
  private shapeCount = 0;
  private readonly writer = new Writer(2048);
  private readonly keyBytes = new Uint8Array(512);
  private keyLength = 0;
  private epochLow = 0;
  private epochHigh = 0;

  /** `counterOf`: how the metrics count requests like this one; undefined when they do not. */
  constructor(counterOf: (span: TracedSpan) => Counter | undefined) {
    this.counterOf = counterOf;
  }

  /** From now on `epochNs` is what CLOCK_MONOTONIC lacks to nanoseconds since the Unix epoch. */
  setEpoch(epochNs: bigint): void {
    this.epochLow = Number(epochNs & 0xffffffffn);
    this.epochHigh = Number(epochNs >> 32n);
  }

  /** Counters are asked for anew: a process has begun. */
  forget(): void {
    this.shapes = new Map();
    this.shapeCount = 0;
  }

  /**
   * Counts the request of a record and gives its span; undefined when it is not sampled, and "other" when the record is for readRecord: none of a request
   * to a server, or one with texts that are not plain.
   */
  take(record: Buffer): EncodedSpan | "other" | undefined {
    if (record.length < recordBytes.head || record.readUInt32LE(0) !== server) return "other";
    const [method, host, path, query, peer] = httpRooms.map((room, index) =>
      Math.min(record.readUInt16LE(64 + 2 * index), room),
    ) as [number, number, number, number, number];
    const hostEnd = recordBytes.head + method + host;
    const peerEnd = hostEnd + path + query + peer;
    const routeEnd = peerEnd + Math.min(record.readUInt16LE(74), httpRooms[5]);
    if (routeEnd > record.length || !isPlain(record, hostEnd, peerEnd)) return "other";
    const port = portIn(record, peerEnd - peer, peerEnd);
    if (port === -1) return "other";
    const shape = this.shapeOf(record, hostEnd, peerEnd, routeEnd);
    if (shape === undefined) return "other";
    shape.count?.(secondsOf(record));
    if (!shape.sampled) return undefined;
    const { writer } = this;
    writer.length = 0;
    writer.reserve(record.length + shape.fields.length + 256);
    this.head(record);
    writer.raw(shape.fields, 0, shape.fields.length);
    this.text(pathKey, record, hostEnd, hostEnd + path);
    if (query > 0) this.text(queryKey, record, hostEnd + path, peerEnd - peer);
    if (peer > 0) this.peer(record, peerEnd - peer, port, peerEnd);
    return { process: record.readUInt32LE(4), bytes: Buffer.from(writer.bytes.subarray(0, writer.length)) };
  }

  private head(record: Buffer): void {
    this.bytes(traceId, record, 24, 40);
    this.bytes(spanId, record, 40, 48);
    if (record.readUInt32LE(48) !== 0 || record.readUInt32LE(52) !== 0) this.bytes(parentId, record, 48, 56);
    this.time(start, record, 8);
    this.time(end, record, 16);
  }

  private bytes(field: number, from: Buffer, begin: number, stop: number): void {
    this.writer.byte(field);
    this.writer.byte(stop - begin);
    this.writer.raw(from, begin, stop);
  }

  private time(field: number, record: Buffer, at: number): void {
    const low = record.readUInt32LE(at) + this.epochLow;
    const high = record.readUInt32LE(at + 4) + this.epochHigh + (low > 0xffffffff ? 1 : 0);
    this.writer.byte(field);
    this.writer.fixed32(low);
    this.writer.fixed32(high);
  }

  /** An attribute of text; keys and values are shorter than what takes three bytes of length. */
  private text(name: Buffer, from: Buffer, begin: number, stop: number): void {
    const { writer } = this;
    const place = this.attribute(name);
    writer.byte(value);
    const inner = writer.begin(stop - begin + 2);
    writer.byte(text);
    writer.varint(stop - begin);
    writer.raw(from, begin, stop);
    writer.end(inner);
    writer.end(place);
  }

  private attribute(name: Buffer): number {
    const { writer } = this;
    writer.byte(attribute);
    const place = writer.begin(64);
    writer.byte(key);
    writer.byte(name.length);
    writer.raw(name, 0, name.length);
    return place;
  }

  /** "127.0.0.1:5000", "[::1]:5000"; `portAt` is where the port begins. */
  private peer(record: Buffer, begin: number, portAt: number, stop: number): void {
    const { writer } = this;
    const bracket = record[begin] === 0x5b ? 1 : 0;
    this.text(addressKey, record, begin + bracket, portAt - 1 - bracket);
    let port = 0;
    for (let at = portAt; at < stop; at++) port = port * 10 + record[at]! - 0x30;
    const place = this.attribute(portKey);
    writer.byte(value);
    const inner = writer.begin(4);
    writer.byte(integer);
    writer.varint(port);
    writer.end(inner);
    writer.end(place);
  }

  private shapeOf(record: Buffer, hostEnd: number, peerEnd: number, routeEnd: number): Shape | undefined {
    const hash = this.readKey(record, hostEnd, peerEnd, routeEnd);
    const alike = this.shapes.get(hash);
    if (alike !== undefined) for (const shape of alike) if (this.isKey(shape.key)) return shape;
    const read = readRecord(record);
    if (read?.kind !== "http-server") return undefined;
    if (this.shapeCount >= maxShapes) this.forget();
    const span = spanOf(read, "");
    const attributes = new Map(span.attributes);
    for (const name of attributesOfPeers) attributes.delete(name);
    const shape = {
      key: this.keyBytes.slice(0, this.keyLength),
      fields: encodeSpanShape({ ...span, attributes }),
      sampled: read.sampled,
      count: this.counterOf(span),
    };
    this.shapeCount++;
    const known = this.shapes.get(hash);
    if (known === undefined) this.shapes.set(hash, [shape]);
    else known.push(shape);
    return shape;
  }

  /** Returns its hash (FNV-1a). */
  private readKey(record: Buffer, hostEnd: number, peerEnd: number, routeEnd: number): number {
    const { keyBytes } = this;
    let length = 0;
    let hash = 0x811c9dc5;
    const add = (begin: number, stop: number): void => {
      for (let at = begin; at < stop; at++) {
        const byte = record[at]!;
        keyBytes[length++] = byte;
        hash = Math.imul(hash ^ byte, 0x01000193);
      }
    };
    add(0, 8);
    // Status and flags, lengths of method and host, of the route, and the protocol: not those of path, query and peer.
    add(56, 68);
    add(74, 78);
    add(recordBytes.head, hostEnd);
    add(peerEnd, routeEnd);
    this.keyLength = length;
    return hash;
  }

  private isKey(known: Uint8Array): boolean {
    if (known.length !== this.keyLength) return false;
    for (let at = 0; at < known.length; at++) if (known[at] !== this.keyBytes[at]) return false;
    return true;
  }
}

/** Whether all of it is ASCII, which needs no look at whether it is whole UTF-8. */
function isPlain(bytes: Buffer, begin: number, stop: number): boolean {
  for (let at = begin; at < stop; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}

/** Where the port of "host:port" or "[host]:port" begins; `stop` for nothing at all, -1 for what is otherwise. */
function portIn(bytes: Buffer, begin: number, stop: number): number {
  if (begin === stop) return stop;
  let at = stop;
  while (at > begin && bytes[at - 1]! >= 0x30 && bytes[at - 1]! <= 0x39) at--;
  const colon = at - 1;
  if (at === stop || stop - at > 5 || colon <= begin || bytes[colon] !== 0x3a) return -1;
  const isBracketed = bytes[begin] === 0x5b && bytes[colon - 1] === 0x5d && colon - begin > 2;
  return isBracketed || bytes.subarray(begin, colon).every((byte) => byte > 0x2d && byte < 0x3a) ? at : -1;
}

function secondsOf(record: Buffer): number {
  const low = record.readUInt32LE(16) - record.readUInt32LE(8);
  const high = record.readUInt32LE(20) - record.readUInt32LE(12);
  return Math.max(0, high * 0x100000000 + low) / 1e9;
}
