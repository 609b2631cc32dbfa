import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { otlpJsonToBytes } from "../json/parse.ts";
import { messageBytes } from "../testdata/arbitrary-message.ts";
import { itemsIfPlain } from "./plain-spelling.ts";
import { rootSpecs } from "./schema.ts";
import { signals, type Signal } from "./signal.ts";
import { checkClosely } from "./validate.ts";

const attributes = [
  { key: "http.request.method", value: { stringValue: "GET" } },
  { key: "http.response.status_code", value: { intValue: 200 } },
  { key: "error", value: { boolValue: true } },
  { key: "ratio", value: { doubleValue: 0.5 } },
  { key: "negative", value: { intValue: -1 } },
  { key: "raw", value: { bytesValue: "AAEC" } },
  { key: "long", value: { stringValue: "x".repeat(300) } },
  { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }, { intValue: 300 }] } } },
  { key: "", value: {} },
];
const resource = { attributes };
const scope = { name: "test", attributes };
const span = {
  traceId: "0123456789abcdef0123456789abcdef",
  spanId: "0123456789abcdef",
  parentSpanId: "0123456789abcdef",
  name: "GET /",
  kind: 2,
  startTimeUnixNano: "1",
  endTimeUnixNano: "2",
  attributes,
  events: [{ timeUnixNano: "1", name: "event", attributes }],
  links: [{ traceId: "0123456789abcdef0123456789abcdef", spanId: "0123456789abcdef" }],
  status: { code: 2, message: "x".repeat(20_000) },
  flags: 257,
};
const point = { attributes, startTimeUnixNano: "1", timeUnixNano: "2" };
const metrics = [
  { name: "sum", sum: { dataPoints: [{ ...point, asInt: "5" }], isMonotonic: true } },
  {
    name: "histogram",
    histogram: { dataPoints: [{ ...point, bucketCounts: ["1", "2"], explicitBounds: [1] }] },
  },
  {
    name: "exponential",
    exponentialHistogram: { dataPoints: [{ ...point, scale: 1, positive: { bucketCounts: ["1", "300"] } }] },
  },
];
const requests: Readonly<Record<Signal, unknown>> = {
  traces: {
    resourceSpans: [{ resource, scopeSpans: [{ scope, spans: Array.from({ length: 400 }, () => span) }] }],
  },
  metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] },
  logs: {
    resourceLogs: [
      {
        resource,
        scopeLogs: [{ scope, logRecords: [{ body: { stringValue: "hello" }, ...point }] }],
      },
    ],
  },
};

/** So small that damage hits every field. */
const few = attributes.slice(0, 3);
const smallSpan = { ...span, attributes: few, events: [], links: [], status: { code: 2 } };
const small: Readonly<Record<Signal, unknown>> = {
  traces: { resourceSpans: [{ scopeSpans: [{ spans: [smallSpan, smallSpan] }] }] },
  metrics: { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] },
  logs: requests.logs,
};

it.each<[Signal, number]>([
  ["traces", 400],
  ["metrics", 3],
  ["logs", 1],
])("counts %s as exporters spell them without a closer look", (signal, items) => {
  const parsed = otlpJsonToBytes(signal, Buffer.from(JSON.stringify(requests[signal])));
  if (!parsed.ok) throw new Error(parsed.message);
  expect(itemsIfPlain(signal, parsed.bytes)).toBe(items);
});

describe.each(signals)("any bytes as %s", (signal) => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });

  it("are left to the closer look, or are what it says", () => {
    fc.assert(
      fc.property(messageBytes(rootSpecs[signal]), damage, fc.option(fc.nat()), (bytes, changes, cut) => {
        let damaged = bytes.slice();
        for (const [at, value] of changes) if (damaged.length > 0) damaged[at % damaged.length] = value;
        if (cut !== null && damaged.length > 0) damaged = damaged.slice(0, cut % damaged.length);
        const items = itemsIfPlain(signal, damaged);
        if (items !== undefined) expect(checkClosely(signal, damaged)).toStrictEqual({ ok: true, items });
      }),
      { numRuns: 2000 },
    );
  });
});

it.each(signals)("plain %s that are damaged are left to the closer look, or are what it says", (signal) => {
  const parsed = otlpJsonToBytes(signal, Buffer.from(JSON.stringify(small[signal])));
  if (!parsed.ok) throw new Error(parsed.message);
  const { bytes } = parsed;
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(damage, fc.nat(bytes.length), (changes, cut) => {
      const damaged = bytes.slice(0, cut < 20 ? bytes.length - cut : bytes.length);
      for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
      const items = itemsIfPlain(signal, damaged);
      if (items !== undefined) expect(checkClosely(signal, damaged)).toStrictEqual({ ok: true, items });
    }),
    { numRuns: 3000 },
  );
});

it("leaves values that are nested deep to the closer look", () => {
  const value = (levels: number): unknown =>
    levels === 0 ? {} : { arrayValue: { values: [value(levels - 1)] } };
  const span = { attributes: [{ key: "deep", value: value(40) }] };
  const text = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const parsed = otlpJsonToBytes("traces", Buffer.from(text));
  if (!parsed.ok) throw new Error(parsed.message);
  expect(itemsIfPlain("traces", parsed.bytes)).toBeUndefined();
  expect(checkClosely("traces", parsed.bytes)).toStrictEqual({ ok: true, items: 1 });
});

it.each([
  ["cut within a key", "0a 0b 12 09 12 07 4a 05 0a 04 61 62 63"],
  ["cut within a varint", "0a 0b 12 09 12 07 4a 05 12 03 18 ff ff"],
  ["a varint of eleven bytes", "08 ffffffffffffffffffff01"],
  ["an id of five bytes", "0a 0b 12 09 12 07 0a 05 01 02 03 04 05"],
  ["a length beyond the end", "0a 85 01 00 00"],
  ["a tag at the end", "0a 02 12"],
  ["a group", "0b 0c"],
])("does not take %s", (_, hex) => {
  expect(itemsIfPlain("traces", Buffer.from(hex.replaceAll(" ", ""), "hex"))).toBeUndefined();
});
