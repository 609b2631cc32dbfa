import { expect, test } from "vitest";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { Durations } from "../metrics/durations.ts";
import { encodeSpans, type EncodedSpan } from "./encode.ts";
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
  /** Method, host, path, query, peer, route. */
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
  const texts = request.texts.map((text) => Buffer.from(text));
  for (const [at, text] of texts.entries()) head.writeUInt16LE(text.length, 64 + 2 * at);
  return Buffer.concat([head, ...texts]);
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
];

function decoded(spans: readonly (TracedSpan | EncodedSpan)[]): readonly unknown[] {
  const bytes = encodeSpans([{ resource: new Map(), items: spans }], { version: "1", epochNs });
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
  const taken: (TracedSpan | EncodedSpan)[] = [];
  const wanted: TracedSpan[] = [];
  let encodedCount = 0;
  for (let round = 0; round < 2; round++) {
    for (const [index, change] of changes.entries()) {
      const record = recordOf({ ...plain, ...change }, index);
      const read = readRecord(record);
      if (read === undefined) throw new Error("it is no record");
      const span = spanOf(read, "");
      slow.record(span);
      if (read.sampled) wanted.push(span);
      const encoded = encoder.take(record);
      if (encoded === "other") {
        fast.record(span);
        taken.push(span);
      } else if (encoded !== undefined) {
        encodedCount++;
        taken.push(encoded);
      }
    }
  }
  expect(decoded(taken)).toEqual(decoded(wanted));
  expect(counted(fast)).toEqual(counted(slow));
  expect(encodedCount).toBe(2 * 11);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a cut record", recordOf(plain, 1).subarray(0, 100)],
  ["another kind", Buffer.alloc(1200, 3)],
])("%s is not for it", (_, record) => {
  expect(new RequestEncoder(() => undefined).take(record)).toBe("other");
});

test("forgets shapes when callers make too many, and counts on", () => {
  const durations = new Durations();
  const encoder = new RequestEncoder((span) => durations.counterOf(span));
  const texts = plain.texts;
  for (let index = 0; index < 5000; index++)
    encoder.take(recordOf({ ...plain, texts: ["GET", `h${index}`, ...texts.slice(2)] }, 1));
  const [, series] = [...durations.collect()][0]!;
  expect([...series].map(({ count }) => count)).toEqual([5000]);
});
