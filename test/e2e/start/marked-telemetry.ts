/** Telemetry in which every name and value says whose it is, while ids and the metric's name are the same for everybody. */
import type { Signal } from "../../../src/telemetry/signal.ts";

export const sharedTraceId = "5b8efff798038103d269b633813fc60c";
export const sharedSpanId = "eee19b7ec3c1b174";
export const sharedMetric = "shared.latency";

/** OTLP/JSON of each signal. `mark`: in the service's name, names of spans and their attributes, bodies, events, links and exemplars. */
export function markedTelemetry(mark: string): Readonly<Record<Signal, object>> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
  const own = [text("mark", mark), text(`${mark}.key`, "x")];
  const resource = { attributes: [text("service.name", `${mark}-shop`), ...own] };
  const scope = { name: `${mark}-scope` };
  const timeUnixNano = String(now);
  const ids = { traceId: sharedTraceId, spanId: sharedSpanId };
  const exception = [text("exception.type", `${mark}Error`), text("exception.message", `${mark} broke`)];
  const spans = [2, 3].map((kind, at) => ({
    ...ids,
    ...(at === 0 ? {} : { spanId: "eee19b7ec3c1b175", parentSpanId: sharedSpanId }),
    name: `${mark} call ${at}`,
    kind,
    startTimeUnixNano: String(now - 5_000_000n),
    endTimeUnixNano: timeUnixNano,
    attributes: [...own, text("server.address", `${mark}-db`)],
    status: { code: 2, message: `${mark} failed` },
    events: [{ timeUnixNano, name: "exception", attributes: exception }],
    links: [{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: sharedSpanId, attributes: own }],
  }));
  const linking = { ...spans[0], traceId: "aaaa651916cd43dd8448eb211c80319c", links: [{ ...ids }] };
  const point = {
    timeUnixNano,
    startTimeUnixNano: String(now - 60_000_000_000n),
    attributes: own,
    count: "3",
    sum: 6,
    bucketCounts: ["1", "2"],
    explicitBounds: [2],
    exemplars: [{ timeUnixNano, asDouble: 1, ...ids, filteredAttributes: own }],
  };
  const metric = {
    name: sharedMetric,
    description: `of ${mark}`,
    histogram: { aggregationTemporality: 1, dataPoints: [point] },
  };
  const record = { ...ids, timeUnixNano, severityNumber: 17, body: { stringValue: `${mark} says hello` } };
  return {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [...spans, linking] }] }] },
    metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [metric] }] }] },
    logs: {
      resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [{ ...record, attributes: own }] }] }],
    },
  };
}
