import { expect, test } from "vitest";
import type { HttpRecord } from "../spans/record.ts";
import type { Chunk } from "../chunks/chunk.ts";
import { Exchanges } from "./exchanges.ts";

interface Step {
  readonly at: number;
  readonly in?: string;
  readonly out?: string;
  readonly more?: number;
  readonly close?: true;
  /** Not all of it was sent at once. */
  readonly unsent?: true;
  /** When what was left has been sent. */
  readonly left?: number;
  readonly descriptor?: number;
  readonly thread?: number;
  readonly began?: number;
  readonly ended?: number;
}

const get = (path: string, ...fields: string[]): string =>
  [`GET ${path} HTTP/1.1`, "Host: shop:8080", ...fields, "", ""].join("\r\n");
const answer = (status: number, ...fields: string[]): string =>
  [`HTTP/1.1 ${status} Whatever`, ...fields, "", ""].join("\r\n");

test.each<readonly [string, readonly Step[], readonly string[]]>([
  [
    "an answer with a length, head and body apart",
    [
      { at: 1, in: get("/a?b=1") },
      { at: 5, out: answer(200, "Content-Length: 3") },
      { at: 9, out: "ok\n" },
    ],
    ["server GET /a?b=1 200 1-9"],
  ],
  [
    "chunks, of which the last ends it",
    [
      { at: 1, in: get("/") },
      { at: 2, out: answer(200, "Transfer-Encoding: chunked") },
      { at: 3, out: "5\r\nhello\r\n" },
      { at: 8, out: "0\r\n\r\n" },
      { at: 9, close: true },
    ],
    ["server GET / 200 1-8"],
  ],
  [
    "HTTP/1.0 until the connection ends",
    [
      { at: 1, in: "GET / HTTP/1.0\r\n\r\n" },
      { at: 2, out: "HTTP/1.0 200 OK\r\n\r\n" },
      { at: 7, out: "", more: 100_000 },
      { at: 9, close: true },
    ],
    ["server GET / 200 1-7"],
  ],
  [
    "two at once in one read, answered in one write",
    [
      { at: 1, in: get("/a") + get("/b") },
      { at: 4, out: answer(204) + answer(404, "content-length: 0") },
    ],
    ["server GET /a 204 1-4", "server GET /b 404 1-4"],
  ],
  [
    "an upload that looks like requests",
    [
      { at: 1, in: "PUT /f HTTP/1.1\r\nContent-Length: 36\r\n\r\n" },
      { at: 2, in: "GET /x HTTP/1.1\r\n" },
      { at: 3, in: "GET /y HTTP/1.1\r\n\r\n" },
      { at: 4, out: answer(100) },
      { at: 5, out: answer(201, "content-length: 0") },
      { at: 6, in: get("/next") },
      { at: 7, out: answer(304, "content-length: 99") },
    ],
    ["server PUT /f 201 1-5", "server GET /next 304 6-7"],
  ],
  [
    "an answer that leaves after it was written",
    [
      { at: 1, in: get("/a") },
      { at: 2, out: answer(200, "Content-Length: 3") },
      { at: 3, out: "ok\n", unsent: true },
      { at: 50, left: 43 },
      { at: 51, in: get("/b") },
      { at: 52, out: answer(204) },
    ],
    ["server GET /a 200 1-43", "server GET /b 204 51-52"],
  ],
  [
    "an answer without an end that leaves as its connection is closed",
    [
      { at: 1, in: "GET / HTTP/1.0\r\n\r\n" },
      { at: 2, out: "HTTP/1.0 200 OK\r\n\r\n" },
      { at: 3, out: "", more: 100_000, unsent: true },
      { at: 9, left: 9 },
      { at: 9, close: true },
    ],
    ["server GET / 200 1-9"],
  ],
  [
    "answers of which it is never said that they have left",
    [
      { at: 1, in: get("/a") },
      { at: 2, out: answer(204), unsent: true },
      { at: 4, in: get("/b") },
      { at: 5, out: answer(204), unsent: true },
      { at: 9, close: true },
    ],
    ["server GET /a 204 1-2", "server GET /b 204 4-5"],
  ],
  [
    "what a client has left to send says nothing of its answer",
    [
      { at: 1, out: get("/"), unsent: true },
      { at: 3, left: 2 },
      { at: 4, in: answer(204) },
      { at: 5, left: 5 },
    ],
    ["client GET / 204 1-4"],
  ],
  [
    "no answer at all",
    [
      { at: 1, in: get("/") },
      { at: 3, close: true },
    ],
    ["server GET / failed 1-1"],
  ],
  [
    "a client, with its request first",
    [
      { at: 1, out: get("/item") },
      { at: 6, in: answer(503, "content-length: 2") },
      { at: 7, in: "no" },
    ],
    ["client GET /item 503 1-7"],
  ],
  [
    "a descriptor that becomes a connection of the other kind",
    [
      { at: 1, in: get("/") },
      { at: 2, out: answer(204) },
      { at: 3, out: get("/up") },
      { at: 4, in: answer(204) },
    ],
    ["server GET / 204 1-2", "client GET /up 204 3-4"],
  ],
  [
    "a request begins when it comes, not when somebody finds the time to read it",
    [
      { at: 5, began: 2, in: get("/waits") },
      { at: 6, out: answer(204) },
    ],
    ["server GET /waits 204 2-6"],
  ],
  [
    "an answer ends when its last bytes have left",
    [
      { at: 5, in: get("/large") },
      { at: 6, ended: 9, out: answer(200, "Content-Length: 9000"), more: 4000 },
      { at: 10, ended: 30, out: "x", more: 4999 },
    ],
    ["server GET /large 200 5-30"],
  ],
  [
    "bytes that are no HTTP",
    [
      { at: 1, in: "GET lost" },
      { at: 2, out: "HTTP nothing" },
    ],
    [],
  ],
])("%s", (_, steps, expected) => {
  expect(recordsOf(steps).map(line)).toEqual(expected);
});

test("what a request says of its caller is the parent; a request within another is below it", () => {
  const [trace, caller] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
  const [inner, outer] = recordsOf([
    { at: 1, in: get("/outer", `Traceparent: 00-${trace}-${caller}-01`) },
    { at: 2, out: get("/inner"), descriptor: 8 },
    { at: 3, in: answer(204), descriptor: 8 },
    { at: 4, out: answer(204) },
  ]);
  expect(Buffer.from(outer!.traceId).toString("hex")).toBe(trace);
  expect(Buffer.from(outer!.parentId!).toString("hex")).toBe(caller);
  expect(inner!.traceId).toEqual(outer!.traceId);
  expect(inner!.parentId).toEqual(outer!.spanId);
});

test("with two requests open on a thread, and on another thread, nothing is guessed", () => {
  const records = recordsOf([
    { at: 1, in: get("/one") },
    { at: 2, out: get("/other-thread"), descriptor: 8, thread: 2 },
    { at: 3, in: answer(204), descriptor: 8, thread: 2 },
    { at: 4, in: get("/two"), descriptor: 9 },
    { at: 5, out: get("/either"), descriptor: 8 },
    { at: 6, in: answer(204), descriptor: 8 },
  ]);
  expect(records.map(({ path, parentId }) => [path, parentId])).toEqual([
    ["/other-thread", undefined],
    ["/either", undefined],
  ]);
});

test("requests of callers that do not sample are told apart: metrics count them", () => {
  const header = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  expect(
    recordsOf([
      { at: 1, in: get("/", header) },
      { at: 2, out: answer(204) },
    ]).map(({ sampled }) => sampled),
  ).toEqual([false]);
});

test.each<readonly [string, readonly (Step | `lost until ${number}`)[], readonly string[], number]>([
  [
    "what is open is given up",
    [{ at: 1, in: get("/a") }, "lost until 1", { at: 2, out: answer(204) }],
    [],
    1,
  ],
  [
    "a connection that ends without an answer is given up, not failed",
    ["lost until 5", { at: 1, in: get("/a") }, { at: 2, close: true }],
    [],
    1,
  ],
  [
    "a request behind one without an answer gets its own",
    ["lost until 5", { at: 1, in: get("/a") }, { at: 3, in: get("/b") }, { at: 4, out: answer(204) }],
    ["server GET /b 204 3-4"],
    1,
  ],
  [
    "what is open when all is seen again is given up",
    ["lost until 5", { at: 1, in: get("/a") }, { at: 6, in: get("/b") }, { at: 7, out: answer(204) }],
    ["server GET /b 204 6-7"],
    1,
  ],
  [
    "afterwards no answer is a failure again",
    ["lost until 5", { at: 6, in: get("/a") }, { at: 7, close: true }],
    ["server GET /a failed 6-6"],
    0,
  ],
])("when chunks are lost, %s", (_name, steps, expected, givenUp) => {
  const records: HttpRecord[] = [];
  const exchanges = new Exchanges((record) => records.push(record));
  for (const step of steps) {
    if (typeof step === "string") exchanges.lostUntil(BigInt(step.replace("lost until ", "")));
    else exchanges.take(chunkOf(step));
  }
  expect(records.map(line)).toEqual(expected);
  expect(exchanges.givenUp).toBe(givenUp);
});

function recordsOf(steps: readonly Step[]): readonly HttpRecord[] {
  const records: HttpRecord[] = [];
  const exchanges = new Exchanges((record) => records.push(record));
  for (const step of steps) exchanges.take(chunkOf(step));
  return records;
}

function line(record: HttpRecord): string {
  const query = record.query === "" ? "" : `?${record.query}`;
  const status = record.failed ? "failed" : record.status;
  return `${record.kind.slice(5)} ${record.method} ${record.path}${query} ${status} ${record.startNs}-${record.endNs}`;
}

/** As bpf/syscalls.bpf.c gives it: bytes only where a message seems to begin. */
function chunkOf(step: Step): Chunk {
  const bytes = Buffer.from(step.in ?? step.out ?? "");
  return {
    timeNs: BigInt(step.at),
    beganNs: BigInt(step.began ?? step.at),
    endedNs: BigInt(step.left ?? step.ended ?? step.at),
    size: bytes.length + (step.more ?? 0),
    process: 7,
    thread: step.thread ?? 1,
    descriptor: step.descriptor ?? 5,
    direction:
      step.close === true ? "close" : step.left !== undefined ? "left" : step.in === undefined ? "out" : "in",
    data: /^(?:GET |PUT |HTTP)/.test(bytes.toString()) ? bytes : Buffer.alloc(0),
    gap: false,
    unsent: step.unsent === true,
    tail: step.more === undefined ? bytes.subarray(-8) : Buffer.alloc(8),
  };
}
