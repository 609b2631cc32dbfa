/** A small shop's telemetry with every shape that a store must give back; all times lie in one hour of one day. */
import { Batch, internalContext } from "../../src/telemetry/batch.ts";
import { otlpJsonToBytes } from "../../src/telemetry/json/parse.ts";
import type { Signal } from "../../src/telemetry/signal.ts";

export const startMs: number = Date.UTC(2026, 10, 20, 10, 0, 0);
export const window: { startMs: number; endMs: number } = { startMs, endMs: startMs + 3_600_000 };
export const traceId = "0af7651916cd43dd8448eb211c80319c";
export const context: { tenant: string } = { tenant: "" };

function nano(offsetMs: number): string {
  return String(BigInt(startMs + offsetMs) * 1_000_000n);
}

export function batchOf(signal: Signal, value: unknown, tenant = ""): Batch {
  const parsed = otlpJsonToBytes(signal, Buffer.from(JSON.stringify(value)));
  if (!parsed.ok) throw new Error(`the corpus is no OTLP/JSON: ${JSON.stringify(parsed)}`);
  return Batch.fromBytes(signal, parsed.bytes, {
    ...internalContext,
    tenant,
    receivedUnixMs: startMs + 3_600_000,
  });
}

const text = (key: string, stringValue: string): unknown => ({ key, value: { stringValue } });

function resource(service: string): unknown {
  return {
    attributes: [
      text("service.name", service),
      text("service.version", "1.2.3"),
      text("service.namespace", "shop"),
      text("telemetry.sdk.language", service === "storefront" ? "nodejs" : "python"),
      ...(service === "cart" ? [text("telemetry.distro.name", "otelier")] : []),
      text("service.instance.id", `${service}-1`),
    ],
  };
}

interface SpanText {
  readonly id: string;
  readonly parent?: string;
  readonly name: string;
  readonly kind: number;
  readonly atMs: number;
  readonly durationMs: number;
  readonly [other: string]: unknown;
}

function span({ id, parent, name, kind, atMs, durationMs, ...other }: SpanText): unknown {
  return {
    traceId,
    spanId: id,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name,
    kind,
    startTimeUnixNano: nano(atMs),
    endTimeUnixNano: nano(atMs + durationMs),
    ...other,
  };
}

const valueTypes: unknown[] = [
  text("http.route", "/cart/:id"),
  { key: "retry", value: { boolValue: true } },
  { key: "big", value: { intValue: "9007199254740993" } },
  { key: "ratio", value: { doubleValue: 0.5 } },
  { key: "raw", value: { bytesValue: "AQID" } },
  { key: "list", value: { arrayValue: { values: [{ intValue: "1" }, { stringValue: "two" }] } } },
  { key: "nothing", value: {} },
  { key: "7", value: { stringValue: "numeric key" } },
];

export const traces: unknown = {
  resourceSpans: [
    {
      resource: resource("storefront"),
      scopeSpans: [
        {
          scope: { name: "http", version: "2" },
          spans: [
            span({
              id: "1000000000000001",
              name: "GET /cart",
              kind: 2,
              atMs: 1000,
              durationMs: 100,
              attributes: valueTypes,
            }),
            span({
              id: "1000000000000002",
              parent: "1000000000000001",
              name: "GET",
              kind: 3,
              atMs: 1010,
              durationMs: 60,
            }),
          ],
        },
      ],
    },
    {
      resource: resource("cart"),
      scopeSpans: [
        {
          scope: { name: "flask" },
          spans: [
            span({
              id: "2000000000000001",
              parent: "1000000000000002",
              name: "GET /items",
              kind: 2,
              atMs: 1020,
              durationMs: 40,
              status: { code: 2, message: "out of stock" },
              events: [
                {
                  timeUnixNano: nano(1030),
                  name: "exception",
                  attributes: [text("exception.type", "KeyError"), text("exception.message", "no item 42")],
                },
              ],
              links: [
                {
                  traceId: "ffffffffffffffffffffffffffffffff",
                  spanId: "eeeeeeeeeeeeeeee",
                  attributes: [text("why", "retry")],
                },
              ],
            }),
            span({
              id: "2000000000000002",
              parent: "2000000000000001",
              name: "SELECT items",
              kind: 3,
              atMs: 1025,
              durationMs: 10,
              attributes: [text("db.system.name", "postgresql"), text("db.namespace", "shop")],
            }),
            span({
              id: "2000000000000003",
              parent: "deadbeefdeadbeef",
              name: "orphan",
              kind: 1,
              atMs: 1050,
              durationMs: 5,
            }),
          ],
        },
      ],
    },
  ],
};

/** A trace of one span, and a span of another trace that links to it. */
export function linkedTraces(linkedId: string): unknown {
  const times = { startTimeUnixNano: nano(4000), endTimeUnixNano: nano(4010) };
  const spans = [
    { ...times, traceId: linkedId, spanId: "3000000000000001", name: "publish", kind: 4 },
    {
      ...times,
      traceId: "e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0",
      spanId: "3000000000000002",
      name: "send",
      kind: 5,
      links: [{ traceId: linkedId, spanId: "3000000000000001" }],
    },
  ];
  return { resourceSpans: [{ resource: resource("mailer"), scopeSpans: [{ spans }] }] };
}

/** One service in turn in two versions, and without any. */
export function releasedTraces(): unknown {
  const versions = [undefined, "1.9.0", "1.10.0", "1.9.0"];
  return {
    resourceSpans: versions.map((version, index) => ({
      resource: {
        attributes: [
          text("service.name", "released"),
          ...(version === undefined ? [] : [text("service.version", version)]),
        ],
      },
      scopeSpans: [
        {
          spans: [
            {
              traceId: `d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d${index}`,
              spanId: `400000000000000${index}`,
              name: "serve",
              kind: 2,
              startTimeUnixNano: nano(index * 1000),
              endTimeUnixNano: nano(index * 1000 + 5),
            },
          ],
        },
      ],
    })),
  };
}

export const logs: unknown = {
  resourceLogs: [
    {
      resource: resource("cart"),
      scopeLogs: [
        {
          scope: { name: "shop.cart", version: "3" },
          logRecords: [
            {
              timeUnixNano: nano(1031),
              severityNumber: 17,
              severityText: "ERROR",
              body: { stringValue: "Item user-42 OUT of stock" },
              traceId,
              spanId: "2000000000000001",
              flags: 1,
              attributes: [text("item", "42"), { key: "count", value: { intValue: "3" } }],
            },
            {
              timeUnixNano: nano(2000),
              severityNumber: 9,
              severityText: "INFO",
              body: { stringValue: "ready" },
            },
            {
              observedTimeUnixNano: nano(3000),
              body: { kvlistValue: { values: [text("a", "b")] } },
              eventName: "tick",
            },
            { timeUnixNano: nano(3000), severityNumber: 9, body: { stringValue: "tock" } },
          ],
        },
      ],
    },
    {
      resource: resource("batch-job"),
      scopeLogs: [
        { logRecords: [{ timeUnixNano: nano(5000), severityNumber: 13, body: { stringValue: "slow" } }] },
      ],
    },
  ],
};

const route = (value: string): unknown[] => [text("http.route", value)];
const start = nano(0);

function counter(value: number, atMs: number, routeName: string, startTimeUnixNano = start): unknown {
  return { attributes: route(routeName), startTimeUnixNano, timeUnixNano: nano(atMs), asDouble: value };
}

function buckets(counts: readonly number[], sum: number, atMs: number): unknown {
  return {
    startTimeUnixNano: start,
    timeUnixNano: nano(atMs),
    count: String(counts.reduce((total, one) => total + one, 0)),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: [10, 100],
    exemplars: [{ timeUnixNano: nano(atMs), asDouble: 5, traceId, spanId: "1000000000000001" }],
  };
}

function exponential(counts: readonly number[], atMs: number): unknown {
  return {
    startTimeUnixNano: start,
    timeUnixNano: nano(atMs),
    count: String(counts.reduce((total, one) => total + one, 0)),
    sum: 100,
    scale: 0,
    zeroCount: "0",
    positive: { offset: 0, bucketCounts: counts.map(String) },
  };
}

export const metrics: unknown = {
  resourceMetrics: [
    {
      resource: resource("cart"),
      scopeMetrics: [
        {
          scope: { name: "meter" },
          metrics: [
            {
              name: "requests",
              unit: "{request}",
              description: "requests served",
              sum: {
                aggregationTemporality: 2,
                isMonotonic: true,
                dataPoints: [
                  // 60 in the first minute's step, 120 in the second; then a restart: 30 since its start.
                  counter(60, 30_000, "/a"),
                  counter(180, 90_000, "/a"),
                  counter(30, 150_000, "/a", nano(120_000)),
                  counter(600, 30_000, "/b"),
                ],
              },
            },
            {
              name: "queue",
              unit: "{item}",
              gauge: {
                dataPoints: [
                  { attributes: route("/a"), timeUnixNano: nano(30_000), asInt: "4" },
                  { attributes: route("/b"), timeUnixNano: nano(31_000), asInt: "6" },
                ],
              },
            },
            {
              name: "bytes",
              sum: {
                aggregationTemporality: 1,
                isMonotonic: true,
                dataPoints: [counter(5, 10_000, "/a"), counter(7, 20_000, "/a"), counter(1, 70_000, "/a")],
              },
            },
            {
              name: "latency",
              unit: "ms",
              histogram: {
                aggregationTemporality: 2,
                dataPoints: [buckets([10, 0, 0], 50, 30_000), buckets([10, 10, 0], 650, 90_000)],
              },
            },
            {
              name: "sizes",
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [exponential([10, 0, 0], 30_000), exponential([10, 0, 10], 90_000)],
              },
            },
            {
              name: "gc",
              summary: {
                dataPoints: [
                  {
                    startTimeUnixNano: start,
                    timeUnixNano: nano(30_000),
                    count: "4",
                    sum: 8,
                    quantileValues: [
                      { quantile: 0.5, value: 1.5 },
                      { quantile: 0.99, value: 4 },
                    ],
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
};
