/** Messages that are wrong themselves, however they are sent: each by the protocols that can carry it. */
import type { Signal } from "../../../src/telemetry/signal.ts";
import { exportPath, sendGrpc, sendGrpcWeb, sendHttp } from "../../fakes/otlp-client.ts";
import { otlpBytes, otlpJson } from "../../fakes/otlp-payload.ts";
import { outcomeOf, type Case } from "./case.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** A length-delimited field around content. */
const inside = (tag: number, content: Buffer): Buffer => {
  const length: number[] = [];
  for (let left = content.length; ; left >>>= 7) {
    if (left < 0x80) {
      length.push(left);
      break;
    }
    length.push((left & 0x7f) | 0x80);
  }
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
/** The item that the fields make: resource (1), scope (2), item (2). */
const item = (fields: Buffer): Buffer => inside(0x0a, inside(0x12, inside(0x12, fields)));
/** A value in `levels` arrays. */
const nested = (levels: number): Buffer =>
  levels === 1 ? bytes("18 01") : inside(0x2a, inside(0x0a, nested(levels - 1)));

type Damage = readonly [name: string, signal: Signal, message: Buffer, reason?: string];

const damages: readonly Damage[] = [
  ["cut off within a span", "traces", otlpBytes("traces").subarray(0, 150)],
  ["cut off within a tag's length", "metrics", bytes("0a")],
  ["declares 4 GiB", "logs", bytes("0a ff ff ff ff 0f 00")],
  ["declares 2^63 bytes", "traces", bytes("0a ff ff ff ff ff ff ff ff 7f")],
  ["a length of 11 bytes", "metrics", bytes("0a ff ff ff ff ff ff ff ff ff ff 01")],
  ["a wrong wire type", "logs", bytes("08 01")],
  ["a span's name as a number", "traces", item(bytes("28 01"))],
  ["field number 0", "metrics", bytes("02 00")],
  ["a field number above 2^29", "logs", bytes("fa ff ff ff ff ff ff ff 7f 00")],
  ["a group", "traces", bytes("0b 0c")],
  ["wire type 7", "metrics", bytes("17 00")],
  ["a time of 3 bytes", "logs", item(bytes("09 01 02 03"))],
  [
    "counts that are no multiple of 8 bytes",
    "metrics",
    item(inside(0x4a, inside(0x0a, bytes("32 07 01 02 03 04 05 06 07")))),
  ],
  ["a length beyond its parent", "traces", bytes("0a 04 12 09 12 00")],
  ["values nested 65 deep", "logs", item(inside(0x2a, nested(65)))],
  ["values nested 5,000 deep", "traces", item(inside(0x4a, inside(0x12, nested(5000))))],
  ["random bytes", "metrics", Buffer.from("c3a5f1e97b02d4889f60b1", "hex")],
  ["text instead of protobuf", "logs", Buffer.from("level=info msg=hello\n")],
  ["a request of another signal", "logs", otlpBytes("metrics")],
  ["text that is no UTF-8", "traces", item(bytes("2a 02 c3 28 39 00 00 c1 6f f2 86 23 17")), "taken"],
  ["a trace id of 3 bytes", "traces", item(bytes("0a 03 01 02 03"))],
  ["a span id of 16 bytes", "traces", item(inside(0x12, Buffer.alloc(16, 1)))],
  ["a parent's id of 7 bytes", "traces", item(inside(0x22, Buffer.alloc(7, 1)))],
  ["a link's trace id of 8 bytes", "traces", item(inside(0x6a, inside(0x0a, Buffer.alloc(8, 1))))],
  ["a trace id of 17 bytes", "logs", item(inside(0x4a, Buffer.alloc(17, 1)))],
  [
    "an exemplar's span id of 1 byte",
    "metrics",
    item(inside(0x2a, inside(0x0a, inside(0x2a, inside(0x22, Buffer.alloc(1, 1)))))),
  ],
  ["no ids", "traces", item(bytes("2a 01 61 39 00 00 c1 6f f2 86 23 17")), "taken"],
  ["values nested 64 deep", "logs", item(inside(0x2a, nested(64))), "taken"],
  [
    "fields that nobody knows",
    "metrics",
    Buffer.concat([otlpBytes("metrics"), bytes("9a 06 01 00")]),
    "taken",
  ],
];

function byEach([name, signal, message, reason = "malformed-otlp"]: Damage): readonly Case[] {
  const path = exportPath[signal];
  const what = `${signal}: ${name}`;
  return [
    {
      protocol: "gRPC",
      name: what,
      reason,
      send: async ({ grpc }) => outcomeOf(await sendGrpc(grpc, message, { path })),
    },
    {
      protocol: "gRPC-web",
      name: what,
      reason,
      send: async ({ http }) => outcomeOf(await sendGrpcWeb(http, message, { path })),
    },
    {
      protocol: "HTTP/protobuf",
      name: what,
      reason,
      send: async ({ http }) => outcomeOf(await sendHttp(http, message, { path: `/v1/${signal}` })),
    },
  ];
}

const span = (fields: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`;
const point = (fields: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{${fields}}]}}]}]}]}`;
const record = (fields: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${fields}}]}]}]}`;
const arrays = (levels: number): string =>
  `${'{"arrayValue":{"values":['.repeat(levels)}{"intValue":1}${"]}}".repeat(levels)}`;

const texts: readonly (readonly [string, Signal, string | Buffer, string?])[] = [
  ["not JSON", "traces", "hello"],
  ["nothing but a space", "metrics", " "],
  ["an array", "logs", "[]"],
  ["a number", "traces", "1"],
  ["cut off", "traces", otlpJson.traces.slice(0, 300)],
  ["cut off in a text", "logs", '{"resourceLogs":[{"schemaUrl":"htt'],
  ["more after the end", "metrics", "{}{}"],
  ["a comma too many", "logs", '{"resourceLogs":[{},]}'],
  ["no colon", "traces", '{"resourceSpans" []}'],
  ["single quotes", "metrics", "{'resourceMetrics':[]}"],
  ["a list that is an object", "logs", '{"resourceLogs":{}}'],
  ["a message that is a number", "traces", '{"resourceSpans":[5]}'],
  ["a text that is a number", "traces", span('"name":5')],
  ["a number that is a text", "metrics", point('"asDouble":"five"')],
  ["an integer with a fraction", "metrics", point('"asInt":"1.5"')],
  ["an integer above 64 bits", "metrics", point('"asInt":"9223372036854775808"')],
  ["a time below zero", "logs", record('"timeUnixNano":"-1"')],
  ["a time above 64 bits", "traces", span('"startTimeUnixNano":"18446744073709551616"')],
  ["a number above a double", "metrics", point('"asDouble":1e999')],
  ["a text of a number above a double", "metrics", point('"asDouble":"-1e999"')],
  ["an unknown word", "logs", record('"body":{"boolValue":yes}')],
  ["an unknown name of a kind", "traces", span('"kind":"SPAN_KIND_OTHER"')],
  ["an id that is no hexadecimal", "traces", span('"traceId":"zz8efff798038103d269b633813fc60c"')],
  ["an id of 3 bytes", "traces", span('"traceId":"010203"')],
  ["an id of odd length", "logs", record('"spanId":"eee"')],
  ["bytes that are no base64", "logs", record('"body":{"bytesValue":"%%%"}')],
  ["half a surrogate pair", "traces", span('"name":"\\ud800"'), "taken"],
  ["a control character in a text", "logs", record('"body":{"stringValue":"a\u0001b"}')],
  ["an unknown escape", "metrics", '{"\\x":1}'],
  ["an escape with a control character", "metrics", '{"\\u00\u00101":1}'],
  ["a number with a leading zero", "metrics", point('"asDouble":01')],
  ["text that is no UTF-8", "logs", Buffer.from(record('"body":{"stringValue":"\xc3("}'), "latin1"), "taken"],
  ["values nested 65 deep", "logs", record(`"body":${arrays(65)}`)],
  ["unknown fields nested 100,000 deep", "traces", `{"x":${"[".repeat(100_000)}`],
  ["protobuf", "metrics", otlpBytes("metrics")],
  ["fields that nobody knows", "logs", record('"mood":{"is":["good"]}'), "taken"],
];

export const messageCases: readonly Case[] = [
  ...damages.flatMap(byEach),
  ...texts.map(([name, signal, text, reason = "malformed-otlp"]): Case => ({
    protocol: "HTTP/JSON",
    name: `${signal}: ${name}`,
    reason,
    send: async ({ http }) =>
      outcomeOf(await sendHttp(http, text, { path: `/v1/${signal}`, type: "application/json" })),
  })),
];
