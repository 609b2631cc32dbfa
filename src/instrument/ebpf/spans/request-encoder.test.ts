import { expect, test } from "vitest";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { Durations } from "../metrics/durations.ts";
import { encodeSpans, type EncodedSpans } from "./encode.ts";
import { readRecord } from "./record.ts";
import { RequestEncoder } from "./request-encoder.ts";
import { spanOf, type TracedSpan } from "./span.ts";

const epochNs = 1_700_000_000_900_000_000n;

interface Request {
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly isRoot: boolean;
  readonly status: number;
  readonly failed: number;
  readonly secure: number;
  readonly sampled: number;
  readonly major: number;
  /** Whether method, path and query stand as in the request's line. */
  readonly isLine: boolean;
  /** Method, host, path, query, peer, route; in a line the path has the query with it. */
  readonly texts: readonly string[];
}

const plain: Request = {
  kind: 1,
  startNs: 4_000_000_000n,
  endNs: 4_000_123_456n,
  isRoot: false,
  status: 200,
  failed: 0,
  secure: 0,
  sampled: 1,
  major: 1,
  isLine: false,
  texts: ["GET", "shop:80", "/products/7", "", "127.0.0.1:54321", "GET /products/{sku}"],
};

function recordOf(request: Request, index: number): Buffer {
  const head = Buffer.alloc(80);
  head.writeUInt32LE(request.kind, 0);
  head.writeUInt32LE(77, 4);
  head.writeBigUInt64LE(request.startNs, 8);
  head.writeBigUInt64LE(request.endNs, 16);
  head.fill(index + 1, 24, 40).fill(index + 2, 40, 48);
  if (!request.isRoot) head.fill(index + 3, 48, 56);
  head.writeUInt32LE(request.status, 56);
  head[60] = request.failed;
  head[61] = request.secure;
  head[62] = request.sampled;
  head[63] = request.major;
  head.writeUInt16LE(1, 76);
  head[79] = Number(request.isLine);
  const texts = request.texts.map((text) => Buffer.from(text));
  for (const [at, text] of texts.entries()) head.writeUInt16LE(text.length, 64 + 2 * at);
  const [method = head, host = head, path = head, query = head, peer = head, route = head] = texts;
  return Buffer.concat([
    head,
    peer,
    method,
    Buffer.from(request.isLine ? " " : ""),
    path,
    query,
    host,
    route,
  ]);
}

/** All combinations of these with what is plain, so that what differs little meets in the memory of shapes. */
const changes: Partial<Request>[] = [
  {},
  { isRoot: true, startNs: 0xffff_ffffn, endNs: 0x1_0000_0001n },
  { status: 500 },
  { status: 0, failed: 1 },
  { secure: 1, major: 2 },
  { sampled: 0 },
  { endNs: plain.startNs - 5n },
  { kind: 2, texts: ["", "api", "/v1", "a=b"] },
  ...[
    ["POST", "shop:80", "/products/7", "", "127.0.0.1:54321", "GET /products/{sku}"],
    ["GET", "shop:8", "0/products/7", "x=1&y=2", "[::1]:5", "/"],
    ["GET", "shop:80", "/products/8", "q", "[fe80::1%eth0]:65535", "GET /products/{sku}"],
    ["BREW", "[::1]:80", "/", "", "@", ""],
    ["GET", "läden:80", "/", "", "", "/läden/{x}"],
    ["GET", "shop", "/läden", "", "10.0.0.1:1", "/läden/{x}"],
    ["GET", "shop", "/a", "é", "10.0.0.1:1", ""],
    ["GET", "shop", "/a", "", "::1", ""],
    ["GET", "shop", "/a", "", "::1:80", ""],
    ["GET", "shop", "/a", "", "a.example:123456", ""],
    ["GET", "shop", "/a", "", "a.example:123", ""],
    ["GET", "shop", "/a", "", ":80", ""],
    ["GET", "shop", "/a", "", "[]:80", ""],
    ["", "", "", "", "", ""],
  ].map((texts) => ({ texts })),
  ...["/products/7", "/products/7?", "/?a=b?c%20d", "/a%20b?c", "/%C3%A9", "/l\u00e4den?x", "/#top"].map(
    (target) => ({
      isLine: true,
      texts: ["GET", "shop:80", target, "", "127.0.0.1:54321", "GET /products/{sku}"],
    }),
  ),
];

function decoded(spans: readonly (TracedSpan | EncodedSpans)[]): readonly unknown[] {
  const pieces = encodeSpans([{ resource: new Map(), items: spans }], { version: "1", epochNs });
  const bytes = Buffer.concat(pieces);
  return [...Batch.fromBytes("traces", bytes, internalContext).traces().resourceSpans].flatMap((group) =>
    [...group.scopeSpans].flatMap((scope) =>
      [...scope.spans].map((span) => ({
        ids: [span.traceId, span.spanId, span.parentSpanId].map((id) => Buffer.from(id).toString("hex")),
        times: [span.startTimeUnixNano, span.endTimeUnixNano],
        said: [span.name, span.kind, span.status.code, span.flags],
        attributes: Object.fromEntries(span.attributes.entries()),
      })),
    ),
  );
}

function counted(durations: Durations): readonly unknown[] {
  return [...durations.collect()].map(([{ name }, series]) => [
    name,
    [...series].map(({ attributes, counts, count, sumSeconds }) => [
      Object.fromEntries(attributes),
      counts,
      count,
      sumSeconds,
    ]),
  ]);
}

test("says and counts what the record's span says, whatever came before", () => {
  const [fast, slow] = [new Durations(), new Durations()];
  const encoder = new RequestEncoder((span) => fast.counterOf(span));
  encoder.setEpoch(epochNs);
  const taken: (TracedSpan | EncodedSpans)[] = [];
  const wanted: TracedSpan[] = [];
  let takenCount = 0;
  for (let round = 0; round < 2; round++) {
    for (const [index, change] of changes.entries()) {
      const record = recordOf({ ...plain, ...change }, index);
      const read = readRecord(record);
      if (read === undefined) throw new Error("it is no record");
      const span = spanOf(read, "");
      slow.record(span);
      if (read.sampled) wanted.push(span);
      // Records stand one behind the other in the kernel's buffer.
      const bytes = Buffer.concat([Buffer.alloc(8, 0xff), record, Buffer.alloc(8, 0xff)]);
      if (encoder.take(bytes, 8, 8 + record.length)) {
        takenCount++;
        taken.push(...encoder.flush());
      } else {
        fast.record(span);
        taken.push(span);
      }
    }
  }
  expect(decoded(taken)).toEqual(decoded(wanted));
  expect(counted(fast)).toEqual(counted(slow));
  expect(takenCount).toBe(2 * 16);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a cut record", recordOf(plain, 1).subarray(0, 100)],
  ["another kind", Buffer.alloc(1200, 3)],
])("%s is not for it", (_, record) => {
  expect(new RequestEncoder(() => undefined).take(record, 0, record.length)).toBe(false);
});

test("forgets shapes when callers make too many, and counts on", () => {
  const durations = new Durations();
  const encoder = new RequestEncoder((span) => durations.counterOf(span));
  const texts = plain.texts;
  for (let index = 0; index < 5000; index++) {
    const record = recordOf({ ...plain, texts: ["GET", `h${index}`, ...texts.slice(2)] }, 1);
    encoder.take(record, 0, record.length);
  }
  const [, series] = [...durations.collect()][0]!;
  expect([...series].map(({ count }) => count)).toEqual([5000]);
});

test("gives many spans in pieces, each of one process", () => {
  const encoder = new RequestEncoder(() => undefined);
  encoder.setEpoch(epochNs);
  const record = recordOf(plain, 1);
  const other = recordOf(plain, 2);
  other.writeUInt32LE(78, 4);
  for (let index = 0; index < 5000; index++) encoder.take(record, 0, record.length);
  encoder.take(other, 0, other.length);
  const pieces = encoder.flush();
  expect(pieces.map(({ process, count }) => [process, count])).toEqual([
    [77, 2048],
    [77, 2048],
    [77, 904],
    [78, 1],
  ]);
  expect(pieces.map((piece) => decoded([piece]).length)).toEqual(pieces.map(({ count }) => count));
  expect(encoder.flush()).toEqual([]);
});
