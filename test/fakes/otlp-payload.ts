import { otlpJsonToBytes } from "../../src/telemetry/json/parse.ts";
import type { Signal } from "../../src/telemetry/signal.ts";

const resource = `"resource":{"attributes":[
  {"key":"service.name","value":{"stringValue":"checkout"}},
  {"key":"telemetry.sdk.language","value":{"stringValue":"nodejs"}},
  {"key":"telemetry.sdk.version","value":{"stringValue":"2.1.0"}}]}`;

const span = `{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET /cart","kind":2,
  "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000",
  "attributes":[{"key":"items","value":{"intValue":"9007199254740993"}}]}`;

/** OTLP/JSON of a request with two items from the service "checkout". */
export const otlpJson: Readonly<Record<Signal, string>> = {
  traces: `{"resourceSpans":[{${resource},"scopeSpans":[{"scope":{"name":"test"},"spans":[${span},${span}]}]}]}`,
  metrics: `{"resourceMetrics":[{${resource},"scopeMetrics":[{"metrics":[{"name":"requests","unit":"1","sum":{"dataPoints":[
    {"timeUnixNano":"1544712660000000000","asInt":"5"},{"timeUnixNano":"1544712661000000000","asDouble":0.5}],
    "aggregationTemporality":2,"isMonotonic":true}}]}]}]}`,
  logs: `{"resourceLogs":[{${resource},"scopeLogs":[{"logRecords":[
    {"timeUnixNano":"1544712660000000000","severityNumber":9,"body":{"stringValue":"paid"}},
    {"timeUnixNano":"1544712660000000001","severityNumber":17,"body":{"stringValue":"not paid"}}]}]}]}`,
};

/** The same as protobuf. */
export function otlpBytes(signal: Signal): Buffer {
  const parsed = otlpJsonToBytes(signal, Buffer.from(otlpJson[signal]));
  if (!parsed.ok) throw new Error(parsed.message);
  return Buffer.from(parsed.bytes);
}
