/** What is no request, or several at once: bytes on HTTP/1 and HTTP/2 connections. */
import { otlpBytes } from "../../fakes/otlp-payload.ts";
import type { Case } from "./case.ts";
import { exchange, http1Outcome, http2Frame, http2Outcome } from "./raw.ts";

const good = otlpBytes("traces");
const type = "content-type: application/x-protobuf";
const length = `content-length: ${good.length}`;
const head = (...lines: readonly string[]): Buffer =>
  Buffer.from(["POST /v1/traces HTTP/1.1", ...lines, "", ""].join("\r\n"), "latin1");
const chunked = "transfer-encoding: chunked";

type Bytes = readonly [name: string, reason: string, bytes: Buffer];

const http1: readonly Bytes[] = [
  ["a length and chunks", "", Buffer.concat([head("host: x", type, length, chunked), good])],
  ["two lengths", "", Buffer.concat([head("host: x", type, length, "content-length: 1"), good])],
  ["a length below zero", "", head("host: x", type, "content-length: -1")],
  ["a length with a sign", "", head("host: x", type, "content-length: +5")],
  ["a length in hexadecimal", "", head("host: x", type, "content-length: 0x10")],
  ["a length above 64 bits", "", head("host: x", type, "content-length: 99999999999999999999")],
  ["a length of 10^15", "too-large", head("host: x", type, "content-length: 1000000000000000")],
  ["an empty length", "", head("host: x", type, "content-length:")],
  [
    "a chunk's size that is no number",
    "",
    Buffer.concat([head("host: x", type, chunked), Buffer.from("zz\r\n")]),
  ],
  [
    "a chunk's size above 64 bits",
    "",
    Buffer.concat([head("host: x", type, chunked), Buffer.from("fffffffffffffffff\r\n")]),
  ],
  [
    "a chunk without its line end",
    "",
    Buffer.concat([head("host: x", type, chunked), Buffer.from("1\r\nab\r\n0\r\n\r\n")]),
  ],
  ["chunked twice", "", head("host: x", type, "transfer-encoding: chunked, chunked")],
  ["chunked, then something else", "", head("host: x", type, "transfer-encoding: chunked, identity")],
  ["an unknown transfer encoding", "", head("host: x", type, "transfer-encoding: xchunked")],
  ["a space before a header's colon", "", head("host: x", "content-length : 0")],
  ["a header without a name", "", head("host: x", ": x")],
  ["a header without a colon", "", head("host: x", "nonsense")],
  ["a NUL in a header", "", head("host: x", "a: b\0c")],
  ["a bare CR in a header", "", head("host: x", "a: b\rc: d")],
  ["lines that end with LF only", "", Buffer.from(`POST /v1/traces HTTP/1.1\nhost: x\n${type}\n\n`)],
  ["no host", "", head(type, "content-length: 0")],
  ["40 KiB of headers", "", head("host: x", `a: ${"y".repeat(40 * 1024)}`)],
  ["HTTP/4.2", "", Buffer.from("POST /v1/traces HTTP/4.2\r\nhost: x\r\n\r\n")],
  ["no version", "content-type", Buffer.from("POST /v1/traces\r\n\r\n")],
  ["an unknown method", "", Buffer.from("HELLO /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n")],
  ["a method in small letters", "", Buffer.from("post /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n")],
  ["CONNECT", "", Buffer.from("CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n")],
  [
    "a second request inside the body of the first",
    "malformed-otlp",
    Buffer.concat([
      head("host: x", type, "content-length: 49"),
      Buffer.from("GET /v1/traces HTTP/1.1\r\nhost: x\r\nx: 123456789\r\n\r\n"),
    ]),
  ],
  ["a body shorter than its length", "", Buffer.concat([head("host: x", type, "content-length: 999"), good])],
  ["a TLS client", "", Buffer.from("16030100050100000100", "hex")],
  ["no protocol at all", "", Buffer.from("\0\u0001hello")],
  ["nothing", "", Buffer.alloc(0)],
];

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const settings = http2Frame(4, 0, 0, Buffer.alloc(0));
/** HPACK: POST http / of "x". */
const fields = Buffer.from([0x83, 0x86, 0x84, 0x41, 0x01, 0x78]);
const open = http2Frame(1, 4, 1, fields);
const empty = Buffer.alloc(0);
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Those with a request before the mistake have it counted: nothing is received at its path. */
const http2: readonly (readonly [name: string, frames: readonly Buffer[], reason?: string])[] = [
  ["DATA before HEADERS", [settings, http2Frame(0, 1, 1, good)]],
  ["DATA on the connection", [settings, http2Frame(0, 1, 0, good)]],
  ["HEADERS on the connection", [settings, http2Frame(1, 5, 0, fields)]],
  ["a stream with an even number", [settings, http2Frame(1, 5, 2, fields)]],
  [
    "a stream number that goes back",
    [settings, http2Frame(1, 5, 3, fields), http2Frame(1, 5, 1, fields)],
    "unknown-path",
  ],
  [
    "headers that are no HPACK",
    [settings, http2Frame(1, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))],
  ],
  ["an index beyond the HPACK table", [settings, http2Frame(1, 5, 1, Buffer.from([0xfe]))]],
  ["headers without a method", [settings, http2Frame(1, 5, 1, Buffer.from([0x86, 0x84, 0x41, 0x01, 0x78]))]],
  [
    "a header name in capitals",
    [settings, http2Frame(1, 5, 1, Buffer.concat([fields, Buffer.from([0x00, 0x01, 0x41, 0x01, 0x62])]))],
  ],
  ["padding longer than its frame", [settings, http2Frame(1, 0x0d, 1, Buffer.from([0xff, 0x83]))]],
  ["HEADERS within HEADERS", [settings, http2Frame(1, 0, 1, fields), http2Frame(1, 5, 3, fields)]],
  ["CONTINUATION of nothing", [settings, http2Frame(9, 4, 1, fields)]],
  ["SETTINGS of 5 bytes", [http2Frame(4, 0, 0, Buffer.alloc(5))]],
  ["SETTINGS with a window of 2^31", [http2Frame(4, 0, 0, Buffer.from([0, 4, 0x80, 0, 0, 0]))]],
  ["SETTINGS of a stream", [settings, http2Frame(4, 0, 1, empty)]],
  ["PING of 7 bytes", [settings, http2Frame(6, 0, 0, Buffer.alloc(7))]],
  [
    "PUSH_PROMISE of a client",
    [settings, open, http2Frame(5, 4, 1, Buffer.concat([word(2), fields]))],
    "unknown-path",
  ],
  ["RST_STREAM of a stream that is not open", [settings, http2Frame(3, 0, 5, word(8))]],
  ["WINDOW_UPDATE of 0", [settings, http2Frame(8, 0, 0, word(0))]],
  [
    "a window above 2^31",
    [settings, http2Frame(8, 0, 0, word(0x7fffffff)), http2Frame(8, 0, 0, word(0x7fffffff))],
  ],
  [
    "a frame above the largest size",
    [settings, open, http2Frame(0, 1, 1, Buffer.alloc(70 * 1024))],
    "unknown-path",
  ],
  ["a frame cut off", [settings, open, http2Frame(0, 1, 1, good).subarray(0, 40)], "unknown-path"],
  ["no SETTINGS first", [http2Frame(6, 0, 0, Buffer.alloc(8))]],
  ["10,000 streams opened and reset", [settings, ...resets(10_000)], "unknown-path"],
  ["10,000 empty SETTINGS", [settings, ...Array.from({ length: 10_000 }, () => settings)]],
];

function resets(count: number): Buffer[] {
  return Array.from({ length: count }, (_, at) =>
    Buffer.concat([http2Frame(1, 4, at * 2 + 1, fields), http2Frame(3, 0, at * 2 + 1, word(8))]),
  );
}

/** Clients that begin and do not go on; a receiver with short times closes them. */
const slow: readonly Bytes[] = [
  ["says nothing", "", empty],
  ["half a request line", "", Buffer.from("POST /v1/tr")],
  ["half the headers", "", Buffer.from("POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-")],
  ["half the body", "body-timeout", Buffer.concat([head("host: x", type, "content-length: 999"), good])],
  ["half a chunk", "body-timeout", Buffer.concat([head("host: x", type, chunked), Buffer.from("10\r\nab")])],
];
const slowHttp2: readonly (readonly [string, Buffer])[] = [
  ["half a preface", preface.subarray(0, 12)],
  ["a preface and no request", Buffer.concat([preface, settings])],
];

export const connectionCases: readonly Case[] = [
  ...http1.map(([name, reason, bytes]): Case => ({
    protocol: "HTTP/1.1",
    name,
    reason,
    send: async ({ http }) => http1Outcome(await exchange(http, bytes)),
  })),
  ...http2.map(([name, frames, reason = ""]): Case => ({
    protocol: "HTTP/2",
    name,
    reason,
    send: async ({ hurried }) => http2Outcome(await exchange(hurried, Buffer.concat([preface, ...frames]))),
  })),
  ...slow.map(([name, reason, bytes]): Case => ({
    protocol: "HTTP/1.1",
    name: `slow: ${name}`,
    reason,
    send: async ({ hurried }) => http1Outcome(await exchange(hurried, bytes, true)),
  })),
  ...slowHttp2.map(([name, bytes]): Case => ({
    protocol: "HTTP/2",
    name: `slow: ${name}`,
    reason: "",
    send: async ({ hurried }) => http2Outcome(await exchange(hurried, bytes, true)),
  })),
];
