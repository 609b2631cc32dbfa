import { bytesToOtlpJson } from "../../../src/telemetry/json/print.ts";
import type { Batch } from "../../../src/telemetry/batch.ts";
import type { TestConsumer } from "../../fakes/consumer.ts";
import type {
  Observed,
  ObservedAttribute,
  ObservedLog,
  ObservedMetric,
  ObservedSpan,
  ReadBack,
  ValueType,
} from "./observed.ts";

interface Json {
  readonly [key: string]: unknown;
}

const kinds = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const statuses = ["Unset", "Ok", "Error"];
const temporalities = ["unspecified", "delta", "cumulative"];

/** Reads what consumers of the three signals were given, through OTLP/JSON. */
export function readBatches(
  consumers: Readonly<Record<"traces" | "metrics" | "logs", TestConsumer>>,
): ReadBack {
  return (service) => {
    const spans = items(consumers.traces.batches, service, "resourceSpans", "scopeSpans", "spans");
    const names = new Map(spans.map(({ item }) => [text(item["spanId"]), text(item["name"])]));
    const logs = items(consumers.logs.batches, service, "resourceLogs", "scopeLogs", "logRecords");
    const metrics = items(consumers.metrics.batches, service, "resourceMetrics", "scopeMetrics", "metrics");
    const observed: Observed = {
      spans: spans
        .map((found) => span(found, names, service))
        .toSorted((a, b) => a.name.localeCompare(b.name)),
      logs: logs
        .map(({ item }) => log(item, names))
        .toSorted((a, b) => a.timeUnixNano.localeCompare(b.timeUnixNano)),
      metrics: metrics.map(({ item }) => metric(item)).toSorted((a, b) => a.name.localeCompare(b.name)),
    };
    return Promise.resolve(observed);
  };
}

interface Found {
  readonly item: Json;
  readonly scope: Json;
  readonly resource: Json;
}

function items(
  batches: readonly Batch[],
  service: string,
  outer: string,
  middle: string,
  inner: string,
): Found[] {
  return batches
    .flatMap((batch) => list((JSON.parse(bytesToOtlpJson(batch.signal, batch.bytes)) as Json)[outer]))
    .filter((entry) => attributes(entry["resource"]).includes(`service.name: string ${service}`))
    .flatMap((entry) =>
      list(entry[middle]).flatMap((group) =>
        list(group[inner]).map((item) => ({
          item,
          scope: (group["scope"] ?? {}) as Json,
          resource: (entry["resource"] ?? {}) as Json,
        })),
      ),
    );
}

function span(
  { item, scope, resource }: Found,
  names: ReadonlyMap<string, string>,
  service: string,
): ObservedSpan {
  const status = (item["status"] ?? {}) as Json;
  const startUnixNano = text(item["startTimeUnixNano"]);
  return {
    service,
    name: text(item["name"]),
    parent: item["parentSpanId"] === undefined ? "" : (names.get(text(item["parentSpanId"])) ?? "unknown"),
    kind: kinds[Number(item["kind"] ?? 0)] ?? "",
    startUnixNano,
    durationNano: Number(BigInt(text(item["endTimeUnixNano"])) - BigInt(startUnixNano)),
    status: statuses[Number(status["code"] ?? 0)] ?? "",
    statusMessage: text(status["message"] ?? ""),
    scope: `${text(scope["name"])} ${text(scope["version"])}`,
    attributes: attributes(item),
    resource: attributes(resource),
    events: list(item["events"]).map((event) => ({
      name: text(event["name"]),
      timeUnixNano: text(event["timeUnixNano"]),
      attributes: attributes(event),
    })),
  };
}

function log(item: Json, names: ReadonlyMap<string, string>): ObservedLog {
  const [type, content] = value(item["body"] as Json);
  return {
    timeUnixNano: text(item["timeUnixNano"]),
    severityNumber: Number(item["severityNumber"]),
    severityText: text(item["severityText"]),
    body: `${type} ${content}`,
    span: item["spanId"] === undefined ? "" : (names.get(text(item["spanId"])) ?? "unknown"),
    attributes: attributes(item),
  };
}

function metric(item: Json): ObservedMetric {
  const type = ["gauge", "sum", "histogram"].find((name) => item[name] !== undefined) ?? "";
  const content = item[type] as Json;
  const points = list(content["dataPoints"]);
  const [point = {}] = points;
  if (points.length !== 1) throw new Error(`${text(item["name"])} has ${points.length} points`);
  if (type === "histogram") checkHistogram(point);
  const number = point["asDouble"] ?? point["asInt"];
  return {
    name: text(item["name"]),
    type,
    unit: text(item["unit"] ?? ""),
    description: text(item["description"] ?? ""),
    temporality: temporalities[Number(content["aggregationTemporality"] ?? 0)] ?? "",
    monotonic: content["isMonotonic"] === true,
    value: number === undefined ? undefined : Number(number),
    shop: attributes(point).join().replace("shop: string ", ""),
  };
}

/** 5, 50 and 500 in buckets of 10 and 100. */
function checkHistogram(point: Json): void {
  const seen = JSON.stringify([point["count"], point["sum"], point["bucketCounts"], point["explicitBounds"]]);
  const wanted = JSON.stringify(["3", 555, ["1", "1", "1"], [10, 100]]);
  if (seen !== wanted) throw new Error(`histogram ${seen} instead of ${wanted}`);
}

/** Attributes of a span, event, record, point or resource, by key; what SDKs add of themselves is left out. */
function attributes(owner: unknown): ObservedAttribute[] {
  return list((owner as Json | undefined)?.["attributes"])
    .map((attribute): ObservedAttribute => {
      const [type, content] = value(attribute["value"] as Json);
      return `${text(attribute["key"])}: ${type} ${content}`;
    })
    .filter((attribute) => !attribute.startsWith("telemetry.sdk."))
    .toSorted();
}

function value(any: Json): [ValueType, string] {
  if (any["stringValue"] !== undefined) return ["string", text(any["stringValue"])];
  if (any["boolValue"] !== undefined) return ["bool", text(any["boolValue"])];
  if (any["intValue"] !== undefined) return ["int", text(any["intValue"])];
  if (any["doubleValue"] !== undefined) return ["double", text(any["doubleValue"])];
  if (any["arrayValue"] === undefined) return ["empty", ""];
  const elements = list((any["arrayValue"] as Json)["values"]).map((element) => {
    const [type, content] = value(element);
    return type === "string" ? JSON.stringify(content) : content;
  });
  return ["array", `[${elements.join(",")}]`];
}

/** The text of a scalar; '' for anything else. */
function text(found: unknown): string {
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean"
    ? `${found}`
    : "";
}

function list(found: unknown): Json[] {
  return Array.isArray(found) ? (found as Json[]) : [];
}
