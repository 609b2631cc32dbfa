import { expect, test } from "vitest";
import { readLogLine } from "./log-line.ts";
import { parseLine } from "./parse.ts";

test.each<
  [from: string, line: string, message: string, level: string, severity: number, attributes?: object]
>([
  [
    "slog, JSON",
    '{"time":"2026-08-01T10:00:00Z","level":"WARN","msg":"low","left":3,"sure":true,"of":{"sku":"k1"},"rate":0.5}',
    "low",
    "WARN",
    13,
    { left: 3, sure: true, of: '{"sku":"k1"}', rate: 0.5 },
  ],
  [
    "zap, JSON",
    '{"level":"dpanic","ts":1.7,"caller":"a.go:1","msg":"odd"}',
    "odd",
    "dpanic",
    21,
    { caller: "a.go:1" },
  ],
  ["zerolog", '{"level":"error","error":"gone","message":"no"}', "no", "error", 17, { error: "gone" }],
  [
    "slog, text",
    'time=2026-08-01T10:00:00.000Z level=INFO+2 msg="order \\"7\\" placed" order=7 "a b"=c',
    'order "7" placed',
    "INFO+2",
    11,
    { order: "7", "a b": "c" },
  ],
  ["logrus, text", 'time="2026-08-01" level=fatal msg=gone', "gone", "fatal", 21],
  ["log", "2026/08/01 10:00:00 order 7 placed", "order 7 placed", "", 0],
  ["log with microseconds", "2026/08/01 10:00:00.123456 main.go:12: placed", "main.go:12: placed", "", 0],
  [
    "slog without a handler",
    "2026/08/01 10:00:00 ERROR not placed order=7",
    "not placed order=7",
    "ERROR",
    17,
  ],
  [
    "zap, console",
    '2026-08-01T10:00:00.000Z\tINFO\tshop/main.go:12\tplaced\t{"order": 7}',
    'placed {"order": 7}',
    "INFO",
    9,
  ],
  [
    "zerolog, console",
    "\u001b[90m3:04PM\u001b[0m \u001b[32mINF\u001b[0m placed order=7",
    "placed order=7",
    "INF",
    9,
  ],
  ["a level in brackets", "[WARN] low", "low", "WARN", 13],
  ["a sentence", "Information is out", "Information is out", "", 0],
  ["a word", "error", "error", "", 0],
  ["an equation", "a=b is not meant", "a=b is not meant", "", 0],
  ["JSON without a message", '{"a":1}', '{"a":1}', "", 0],
  ["JSON that is cut", '{"msg":"long', '{"msg":"long', "", 0],
  ["several lines", "panic: no\n\ngoroutine 1", "no\n\ngoroutine 1", "panic", 21],
  ["a word that only begins", "error opening a file", "error opening a file", "", 0],
  ["nothing but a time", "10:00:00", "10:00:00", "", 0],
])("%s", (_, line, message, level, severity, attributes = {}) => {
  const parsed = parseLine(line);
  expect({ ...parsed, attributes: Object.fromEntries(parsed.attributes) }).toEqual({
    message,
    severityText: level,
    severity,
    attributes,
  });
});

test.each([
  ["whole", "one\n", 4, { text: "one", cut: false }],
  ["cut", "one", 900, { text: "one", cut: true }],
  ["empty", " \n", 2, undefined],
])("a record of a line that is %s", (_, text, length, expected) => {
  const bytes = Buffer.alloc(56 + text.length);
  bytes.writeUInt32LE(7, 0);
  bytes.writeUInt32LE(2, 44);
  bytes.writeBigUInt64LE(BigInt(length), 48);
  bytes.write(text, 56);
  const line = readLogLine(bytes);
  if (expected === undefined) expect(line).toBeUndefined();
  else expect(line).toMatchObject({ ...expected, stream: "stderr", sampled: false });
});
