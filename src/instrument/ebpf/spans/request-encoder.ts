import type { EncodedSpans } from "./encode.ts";
import { recordBytes } from "./record.ts";
import { RequestShapes, type Counter } from "./request-shapes.ts";
import { RequestTexts } from "./request-texts.ts";
import type { TracedSpan } from "./span.ts";
import { uint32At } from "./words.ts";

/** Spans of one process that are not given away yet. */
interface Pending {
  readonly process: number;
  bytes: Uint8Array;
  length: number;
  count: number;
}

/** Of one process in one piece. */
const maxSpans = 2048;
const firstBytes = 64 * 1024;
const server = 1;
/** Fields of ScopeSpans: span. Of Span: trace id, span id, parent, times, attributes. Of KeyValue: key, value. Of AnyValue: text, integer. */
const spanField = 0x12;
const [traceId, spanId, parentId, startTime, endTime] = [0x0a, 0x12, 0x22, 0x39, 0x41];
const [attribute, key, value, text, integer] = [0x4a, 0x0a, 0x12, 0x0a, 0x18];
const pathKey = Buffer.from("url.path");
const queryKey = Buffer.from("url.query");
const addressKey = Buffer.from("client.address");
const portKey = Buffer.from("client.port");
/** More than tags, lengths, numbers and names of attributes take. */
const otherBytes = 256;

/**
 * Makes spans of requests to servers from the records of bpf/span.h without an object for each: what such spans have in common is encoded once, ids, times
 * and the texts of one request are copied beside it. spanOf and writeSpan say the same of any record, and are asked for what is rare.
 */
export class RequestEncoder {
  private readonly shapes: RequestShapes;
  private readonly texts = new RequestTexts();
  private pending: Pending[] = [];
  private full: EncodedSpans[] = [];
  private epochLow = 0;
  private epochHigh = 0;

  /** `counterOf`: how the metrics count requests like this one; undefined when they do not. */
  constructor(counterOf: (span: TracedSpan) => Counter | undefined) {
    this.shapes = new RequestShapes(counterOf);
  }

  /** From now on `epochNs` is what CLOCK_MONOTONIC lacks to nanoseconds since the Unix epoch. */
  setEpoch(epochNs: bigint): void {
    this.epochLow = Number(epochNs & 0xffffffffn);
    this.epochHigh = Number(epochNs >> 32n);
  }

  /** Counters are asked for anew: a process has begun. */
  forget(): void {
    this.shapes.forget();
  }

  /** The spans that were taken since the last call. */
  flush(): readonly EncodedSpans[] {
    // One that answered nothing lately may have ended.
    this.pending = this.pending.filter(({ count }) => count > 0);
    for (const pending of this.pending) this.give(pending);
    const { full } = this;
    this.full = [];
    return full;
  }

  /**
   * Counts the request of the record in [begin, stop) of `bytes` and keeps its span for `flush`, if it is sampled. Returns false when the record is for
   * readRecord: none of a request to a server, or one with texts that are not plain.
   */
  take(bytes: Buffer, begin: number, stop: number): boolean {
    const { texts } = this;
    if (stop - begin < recordBytes.head || uint32At(bytes, begin) !== server) return false;
    if (!texts.find(bytes, begin, stop)) return false;
    const shape = this.shapes.of(bytes, begin, stop, texts);
    if (shape === undefined) return false;
    shape.count?.(secondsOf(bytes, begin));
    if (!shape.sampled) return true;
    const pending = this.pendingOf(uint32At(bytes, begin + 4));
    const to = roomIn(pending, stop - begin + shape.fields.length + otherBytes);
    // The length, of two bytes, is known at the end: texts have their rooms, and all else is shorter.
    const first = pending.length + 3;
    let at = this.head(to, first, bytes, begin);
    to.set(shape.fields, at);
    at += shape.fields.length;
    at = putText(to, at, pathKey, bytes, texts.pathAt, texts.pathEnd);
    if (texts.hostAt > texts.queryAt) at = putText(to, at, queryKey, bytes, texts.queryAt, texts.hostAt);
    if (texts.methodAt > texts.peerAt) at = putPeer(to, at, bytes, texts);
    to[first - 3] = spanField;
    to[first - 2] = ((at - first) & 0x7f) | 0x80;
    to[first - 1] = (at - first) >> 7;
    pending.length = at;
    if (++pending.count >= maxSpans) this.give(pending);
    return true;
  }

  private give(pending: Pending): void {
    const { process, count, bytes, length } = pending;
    // What is half empty would be kept whole for as long as the spans wait.
    const isFull = 2 * length >= bytes.length;
    this.full.push({ process, count, bytes: isFull ? bytes.subarray(0, length) : bytes.slice(0, length) });
    // As much again will come, most probably.
    if (isFull) pending.bytes = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer);
    pending.count = pending.length = 0;
  }

  private pendingOf(process: number): Pending {
    for (const pending of this.pending) if (pending.process === process) return pending;
    const made = { process, bytes: new Uint8Array(firstBytes), length: 0, count: 0 };
    this.pending.push(made);
    return made;
  }

  private head(to: Uint8Array, first: number, from: Buffer, record: number): number {
    let at = putBytes(to, first, traceId, from, record + 24, record + 40);
    at = putBytes(to, at, spanId, from, record + 40, record + 48);
    if (uint32At(from, record + 48) !== 0 || uint32At(from, record + 52) !== 0)
      at = putBytes(to, at, parentId, from, record + 48, record + 56);
    at = this.time(to, at, startTime, from, record + 8);
    return this.time(to, at, endTime, from, record + 16);
  }

  private time(to: Uint8Array, at: number, field: number, from: Buffer, place: number): number {
    const low = uint32At(from, place) + this.epochLow;
    to[at] = field;
    putWord(to, at + 1, low);
    putWord(to, at + 5, uint32At(from, place + 4) + this.epochHigh + (low > 0xffffffff ? 1 : 0));
    return at + 9;
  }
}

function roomIn(pending: Pending, count: number): Uint8Array {
  if (pending.length + count > pending.bytes.length) {
    const larger = new Uint8Array(Math.max(pending.length + count, pending.bytes.length * 2));
    larger.set(pending.bytes.subarray(0, pending.length));
    pending.bytes = larger;
  }
  return pending.bytes;
}

function putWord(to: Uint8Array, at: number, word: number): void {
  to[at] = word;
  to[at + 1] = word >>> 8;
  to[at + 2] = word >>> 16;
  to[at + 3] = word >>> 24;
}

function putRaw(to: Uint8Array, start: number, from: Uint8Array, begin: number, end: number): number {
  let at = start;
  for (let place = begin; place < end; place++) to[at++] = from[place]!;
  return at;
}

function putBytes(
  to: Uint8Array,
  at: number,
  field: number,
  from: Uint8Array,
  begin: number,
  end: number,
): number {
  to[at] = field;
  to[at + 1] = end - begin;
  return putRaw(to, at + 2, from, begin, end);
}

/** Of a number below 2^14. */
function putVarint(to: Uint8Array, at: number, number: number): number {
  if (number < 0x80) {
    to[at] = number;
    return at + 1;
  }
  to[at] = (number & 0x7f) | 0x80;
  to[at + 1] = number >> 7;
  return at + 2;
}

function varintBytes(number: number): number {
  return number < 0x80 ? 1 : number < 0x4000 ? 2 : 3;
}

/** An attribute as far as its value, which takes `size` bytes with its tag. */
function putAttribute(to: Uint8Array, start: number, name: Uint8Array, size: number): number {
  to[start] = attribute;
  let at = putVarint(to, start + 1, 2 + name.length + 1 + varintBytes(size) + size);
  at = putBytes(to, at, key, name, 0, name.length);
  to[at] = value;
  return putVarint(to, at + 1, size);
}

function putText(
  to: Uint8Array,
  start: number,
  name: Uint8Array,
  from: Uint8Array,
  begin: number,
  end: number,
): number {
  const length = end - begin;
  const at = putAttribute(to, start, name, 1 + varintBytes(length) + length);
  to[at] = text;
  return putRaw(to, putVarint(to, at + 1, length), from, begin, end);
}

/** "127.0.0.1:5000", "[::1]:5000". */
function putPeer(
  to: Uint8Array,
  start: number,
  from: Uint8Array,
  { peerAt, portAt, methodAt }: RequestTexts,
): number {
  const bracket = from[peerAt] === 0x5b ? 1 : 0;
  let at = putText(to, start, addressKey, from, peerAt + bracket, portAt - 1 - bracket);
  let port = 0;
  for (let place = portAt; place < methodAt; place++) port = port * 10 + from[place]! - 0x30;
  const size = 1 + varintBytes(port);
  at = putAttribute(to, at, portKey, size);
  to[at] = integer;
  for (at++; port >= 0x80; port >>= 7) to[at++] = (port & 0x7f) | 0x80;
  to[at] = port;
  return at + 1;
}

function secondsOf(record: Buffer, at: number): number {
  const low = uint32At(record, at + 16) - uint32At(record, at + 8);
  const high = uint32At(record, at + 20) - uint32At(record, at + 12);
  return Math.max(0, high * 2 ** 32 + low) / 1e9;
}
