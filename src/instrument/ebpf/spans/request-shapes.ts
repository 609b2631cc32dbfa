import { encodeSpanShape } from "./encode.ts";
import { readRecord } from "./record.ts";
import type { RequestTexts } from "./request-texts.ts";
import { spanOf, type TracedSpan } from "./span.ts";
import { int32At } from "./words.ts";

/** Counts one request of `seconds` in the metrics. */
export type Counter = (seconds: number) => void;

/** What the spans of many requests have in common: all but ids, times, path, query and peer. */
export interface RequestShape {
  /** The bytes of a record that make it this shape: words, method, host, route. */
  readonly key: Uint8Array;
  /** Name, kind, attributes, status and flags as fields of a Span. */
  readonly fields: Uint8Array;
  readonly sampled: boolean;
  readonly count: Counter | undefined;
}

/** Hosts are the callers' choice: when there are more shapes than this, all are forgotten and found anew. */
const maxShapes = 4096;
const attributesOfPeers = ["url.path", "url.query", "client.address", "client.port"];
/** Kind and process; status, flags, lengths of method and host; length of the route and the protocol: not the lengths of path, query and peer. */
const words = [0, 4, 56, 60, 64, 74] as const;

/** Finds the shape of a request by its record (bpf/span.h), in memory that grows with what differs only. */
export class RequestShapes {
  private readonly counterOf: (span: TracedSpan) => Counter | undefined;
  private byHash = new Map<number, RequestShape[]>();
  private count = 0;
  /** Often the next one is like it, and to see that is half of the work. */
  private last: RequestShape | undefined;

  /** `counterOf`: how the metrics count requests like this one; undefined when they do not. */
  constructor(counterOf: (span: TracedSpan) => Counter | undefined) {
    this.counterOf = counterOf;
  }

  forget(): void {
    this.byHash = new Map();
    this.count = 0;
    this.last = undefined;
  }

  /** Of the record in [begin, stop) with these texts; undefined when it is for readRecord to say what it is. */
  of(bytes: Buffer, begin: number, stop: number, texts: RequestTexts): RequestShape | undefined {
    if (this.last !== undefined && isKey(this.last.key, bytes, begin, texts)) return this.last;
    const hash = hashOf(bytes, begin, texts);
    const alike = this.byHash.get(hash);
    if (alike !== undefined)
      for (const shape of alike) if (isKey(shape.key, bytes, begin, texts)) return (this.last = shape);
    const read = readRecord(bytes.subarray(begin, stop));
    if (read?.kind !== "http-server") return undefined;
    if (this.count >= maxShapes) this.forget();
    const span = spanOf(read, "");
    const attributes = new Map(span.attributes);
    for (const name of attributesOfPeers) attributes.delete(name);
    const shape = {
      key: keyOf(bytes, begin, texts),
      fields: encodeSpanShape({ ...span, attributes }),
      sampled: read.sampled,
      count: this.counterOf(span),
    };
    this.count++;
    const known = this.byHash.get(hash);
    if (known === undefined) this.byHash.set(hash, [shape]);
    else known.push(shape);
    return shape;
  }
}

/** FNV-1a, of whole words where there are some. */
function hashOf(bytes: Buffer, begin: number, texts: RequestTexts): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < words.length; index++)
    hash = Math.imul(hash ^ int32At(bytes, begin + words[index]!), 0x01000193);
  hash = hashText(hash, bytes, texts.methodAt, texts.methodEnd);
  return hashText(hash, bytes, texts.hostAt, texts.routeEnd);
}

function hashText(before: number, bytes: Buffer, begin: number, end: number): number {
  let hash = before;
  for (let at = begin; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash;
}

function keyOf(bytes: Buffer, begin: number, texts: RequestTexts): Uint8Array {
  return Buffer.concat([
    ...words.map((at) => bytes.subarray(begin + at, begin + at + 4)),
    bytes.subarray(texts.methodAt, texts.methodEnd),
    bytes.subarray(texts.hostAt, texts.routeEnd),
  ]);
}

function isKey(key: Uint8Array, bytes: Buffer, begin: number, texts: RequestTexts): boolean {
  let at = 0;
  for (let index = 0; index < words.length; index++)
    for (let byte = 0; byte < 4; byte++) if (key[at++] !== bytes[begin + words[index]! + byte]) return false;
  // The words hold the lengths: keys that agree in them are equally long.
  for (let from = texts.methodAt; from < texts.methodEnd; from++) if (key[at++] !== bytes[from]) return false;
  for (let from = texts.hostAt; from < texts.routeEnd; from++) if (key[at++] !== bytes[from]) return false;
  return true;
}
