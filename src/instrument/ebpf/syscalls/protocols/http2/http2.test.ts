import { expect, test } from "vitest";
import { Flag, frame, FrameType, wordFrame } from "../../../../../base/net/http2/protocol.ts";
import type { SpanRecord } from "../../../spans/record.ts";
import {
  clientBegin,
  content,
  get,
  headerFrame,
  headers,
  rpc,
  serverBegin,
} from "../../testdata/http2-bytes.ts";
import { observe, type Step } from "../../testdata/observe.ts";

function line(record: SpanRecord): string {
  const { kind, startNs, endNs, failed } = record;
  const end = `${failed ? "failed" : "ok"} ${startNs}-${endNs}`;
  if (kind === "rpc-client" || kind === "rpc-server") return `${kind} ${record.method} ${record.code} ${end}`;
  if (kind !== "http-client" && kind !== "http-server") return kind;
  const { method, path, query, host, status, requestBytes, responseBytes } = record;
  return `${kind} ${method} ${host} ${path}?${query} ${status} ${requestBytes}/${responseBytes} ${end}`;
}

const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
const ok = (stream: number, bytes = 0): Buffer =>
  join(headers(stream, { ":status": 200 }), content(stream, bytes, true));
const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** A block in two parts, with padding and a priority, as RFC 9113 lets them be. */
function inParts(whole: Buffer): Buffer {
  const block = whole.subarray(9);
  const first = join(hex("03"), hex("0000000010"), block.subarray(0, 5), Buffer.alloc(3));
  return join(
    frame(FrameType.headers, Flag.endStream | Flag.padded | Flag.priority, 1, first),
    frame(FrameType.continuation, Flag.endHeaders, 1, block.subarray(5)),
  );
}

test.each<readonly [string, readonly Step[], readonly string[]]>([
  [
    "a client's request, whose answer comes in two reads",
    [
      { at: 1, out: join(clientBegin, get(1, "/order?sku=7")) },
      { at: 2, in: join(serverBegin, headers(1, { ":status": 200 })) },
      { at: 5, in: content(1, 500) },
      { at: 6, in: content(1, 20, true) },
    ],
    ["http-client GET shop:80 /order?sku=7 200 0/520 ok 1-6"],
  ],
  [
    "a server, which begins before its client",
    [
      { at: 1, out: serverBegin },
      { at: 2, in: clientBegin },
      {
        at: 3,
        in: join(headers(1, { ":method": "POST", ":scheme": "http", ":path": "/in" }), content(1, 30, true)),
      },
      { at: 4, ended: 6, out: headers(1, { ":status": 204 }, true) },
    ],
    ["http-server POST 10.0.0.1:50000 /in? 204 30/0 ok 3-6"],
  ],
  [
    "streams that are answered out of order, hints before an answer, trailers behind it",
    [
      { at: 1, out: join(clientBegin, get(1, "/a"), get(3, "/b")) },
      { at: 2, in: join(serverBegin, headers(3, { ":status": 103 }), headers(1, { ":status": 103 })) },
      { at: 3, in: join(headers(3, { ":status": 404 }), content(3, 9)) },
      { at: 4, in: ok(1, 5) },
      { at: 5, in: headers(3, { "x-checksum": "1" }, true) },
    ],
    ["http-client GET shop:80 /a? 200 0/5 ok 1-4", "http-client GET shop:80 /b? 404 0/9 ok 1-5"],
  ],
  [
    "Huffman codes and the table of the connection (RFC 7541, C.4)",
    [
      { at: 1, out: join(clientBegin, headerFrame(1, hex("828684418cf1e3c2e5f23a6ba0ab90f4ff"), true)) },
      { at: 2, in: join(serverBegin, ok(1)) },
      { at: 3, out: headerFrame(3, hex("828684be5886a8eb10649cbf"), true) },
      { at: 4, in: ok(3) },
    ],
    [
      "http-client GET www.example.com /? 200 0/0 ok 1-2",
      "http-client GET www.example.com /? 200 0/0 ok 3-4",
    ],
  ],
  [
    "headers in parts",
    [
      { at: 1, out: join(clientBegin, inParts(get(1, "/parts"))) },
      { at: 2, in: ok(1) },
    ],
    ["http-client GET shop:80 /parts? 200 0/0 ok 1-2"],
  ],
  [
    "gRPC: the status is in the trailers, or alone",
    [
      { at: 1, out: join(clientBegin, rpc(1, "/shop.Cart/Add"), rpc(3, "/shop.Cart/Gone")) },
      { at: 2, in: join(serverBegin, headers(1, { ":status": 200, "content-type": "application/grpc" })) },
      { at: 3, in: headers(3, { ":status": 200, "grpc-status": "5" }, true) },
      { at: 4, in: join(content(1, 7), headers(1, { "grpc-status": "0" }, true)) },
    ],
    ["rpc-client /shop.Cart/Gone 5 ok 1-3", "rpc-client /shop.Cart/Add 0 ok 1-4"],
  ],
  [
    "a reset, a promise that nobody asked for, a connection that ends",
    [
      { at: 1, out: join(clientBegin, get(1, "/reset"), get(3, "/ends")) },
      { at: 2, in: frame(FrameType.pushPromise, Flag.endHeaders, 1, join(hex("00000002"), hex("828684"))) },
      { at: 3, in: wordFrame(FrameType.rstStream, 1, 2) },
    ],
    ["http-client GET shop:80 /reset? 0 0/0 failed 1-3", "http-client GET shop:80 /ends? 0 0/0 failed 1-1"],
  ],
  [
    "content of which the rest was not seen",
    [
      { at: 1, out: join(clientBegin, get(1, "/large")) },
      { at: 2, in: join(serverBegin, headers(1, { ":status": 200 })) },
      { at: 3, in: content(1, 9000), captured: 100 },
      { at: 4, in: content(1, 1, true) },
    ],
    ["http-client GET shop:80 /large? 200 0/9001 ok 1-4"],
  ],
])("%s", (_, steps, expected) => {
  const { records, cannotFollow } = observe(steps);
  expect(records.map(line)).toEqual(expected);
  expect(cannotFollow).toEqual([]);
});

/** Whether each byte is content, of frames without padding. */
function contentOf(bytes: Buffer, start: number): readonly boolean[] {
  const isContent = bytes.map(() => 0);
  for (let at = start; at < bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (bytes[at + 3] === FrameType.data && (bytes[at + 4]! & Flag.padded) === 0)
      isContent.fill(1, at + 9, end);
    at = end;
  }
  return [...isContent].map(Boolean);
}

test("calls that end anywhere, and content that is left out: cut at every byte, they give the same", () => {
  const padded = frame(
    FrameType.data,
    Flag.padded,
    1,
    join(hex("05"), Buffer.alloc(20, 0x78), Buffer.alloc(5)),
  );
  const asked = { ":method": "POST", ":scheme": "http", ":authority": "shop:80" };
  const sent = join(
    clientBegin,
    headers(1, { ...asked, ":path": "/first" }),
    content(1, 40),
    content(1, 0),
    padded,
    headers(3, { ...asked, ":path": "/second" }),
    content(3, 30, true),
    content(1, 10, true),
  );
  const answer = join(serverBegin, ok(1, 25), ok(3, 50));
  const contents = contentOf(sent, 24);
  // By its first four bytes such a connection is known.
  const known = 4;
  for (let cut = known; cut < sent.length; cut++) {
    for (const call of [sent.length, 1 + (cut % 17), 1]) {
      const steps: Step[] = [];
      const ends = new Set([cut, sent.length]);
      for (let end = known; end < sent.length; end += call) ends.add(end);
      for (let at = 0, end = 1; at < sent.length; at = end++) {
        while (!ends.has(end) && (contents[end] || !contents[end - 1])) end++;
        const run = contents.slice(at, end).indexOf(true);
        steps.push({
          at: 1,
          out: sent.subarray(at, end),
          ...(run === -1 ? {} : { captured: run }),
        });
      }
      const { records, cannotFollow } = observe([...steps, { at: 2, in: answer }]);
      expect(cannotFollow).toEqual([]);
      expect(records.map(line)).toEqual([
        "http-client POST shop:80 /first? 200 70/25 ok 1-2",
        "http-client POST shop:80 /second? 200 30/50 ok 1-2",
      ]);
    }
  }
});

test.each<readonly [string, readonly Step[], string, number]>([
  ["a connection from before", [{ at: 1, out: get(7, "/") }], "midway", 0],
  ["answers of one from before", [{ at: 1, in: ok(7, 30) }], "midway", 0],
  [
    "bytes that were lost",
    [
      { at: 1, out: join(clientBegin, get(1, "/a"), get(3, "/b")) },
      { at: 2, in: ok(1), gap: true },
      { at: 3, in: ok(3) },
    ],
    "lost",
    2,
  ],
  [
    "headers that were not seen",
    [
      { at: 1, out: join(clientBegin, get(1, "/a")) },
      { at: 2, out: join(content(1, 2000), get(3, "/b")), captured: 1024 },
    ],
    "lost",
    1,
  ],
  [
    "what is no header block",
    [
      { at: 1, out: clientBegin },
      { at: 2, out: headerFrame(1, hex("ffffffffff"), true) },
    ],
    "lost",
    0,
  ],
])("%s: no span, and it is told", (_, steps, why, givenUp) => {
  const observed = observe(steps);
  expect(observed.records).toEqual([]);
  expect([observed.cannotFollow, observed.givenUp, observed.decisions]).toEqual([[why], givenUp, [false]]);
});

test("too many streams at a time are counted", () => {
  const requests = Array.from({ length: 1030 }, (_, index) => get(1 + 2 * index, "/"));
  const { records, givenUp } = observe([
    { at: 1, out: clientBegin },
    ...requests.map((out) => ({ at: 2, out })),
  ]);
  expect([records.length, givenUp]).toEqual([1024, 6]);
});

test("traceparent is the caller", () => {
  const caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  const { records } = observe([{ at: 1, in: join(clientBegin, get(1, "/", { traceparent: caller })) }]);
  expect(records.map(({ traceId, parentId, sampled }) => [traceId, parentId, sampled])).toEqual([
    [hex("4bf92f3577b34da6a3ce929d0e0e4736"), hex("00f067aa0ba902b7"), false],
  ]);
});
