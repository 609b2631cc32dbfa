import type {
  MetricAnswer,
  MetricSummary,
  Page,
  SpanDetail,
  StoredAttribute,
  StoredLog,
  TraceAnswer,
  TraceSummary,
} from "../../../src/api/explore/wire.ts";
import type {
  Observed,
  ObservedAttribute,
  ObservedLog,
  ObservedMetric,
  ObservedSpan,
  ReadBack,
} from "./observed.ts";

const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
  left.name.localeCompare(right.name);

/** Reads through the JSON API of a running stack, as the user interface does; waits until as much is visible as is expected. */
export function readApi(url: string, startUnixMs: number, expected: Observed): ReadBack {
  return async (service) => {
    const deadlineMs = Date.now() + 90_000;
    for (;;) {
      const observed = await readOnce(url, startUnixMs, service);
      const isComplete =
        observed.spans.length >= expected.spans.length &&
        observed.logs.length >= expected.logs.length &&
        observed.metrics.length >= expected.metrics.length;
      if (isComplete || Date.now() > deadlineMs) return observed;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
}

async function readOnce(url: string, startUnixMs: number, service: string): Promise<Observed> {
  const window = `from=${startUnixMs - 60_000}&to=${startUnixMs + 600_000}&service=${encodeURIComponent(service)}`;
  const details = await readSpans(url, window);
  const names = new Map(details.map((detail) => [detail.spanId, detail.name]));
  const logs = await ask<Page<StoredLog>>(`${url}/api/logs?${window}&order=oldest&limit=100`);
  const metrics = await ask<Page<MetricSummary>>(`${url}/api/metrics?${window}`);
  return {
    spans: details.map((detail) => span(detail, names)).toSorted(byName),
    logs: logs.items.map((record) => log(record, names)),
    metrics: (await Promise.all(metrics.items.map((found) => metric(url, window, found)))).toSorted(byName),
  };
}

async function readSpans(url: string, window: string): Promise<readonly SpanDetail[]> {
  const found = await ask<Page<TraceSummary>>(`${url}/api/traces?${window}&limit=10`);
  const spans = await Promise.all(
    found.items.map(async ({ traceId }) => {
      const { trace } = await ask<TraceAnswer>(`${url}/api/traces/${traceId}`);
      const ids = (trace?.spanIds ?? []).map((id) => `id=${id}`).join("&");
      return ask<readonly SpanDetail[]>(`${url}/api/traces/${traceId}/spans?${ids}`);
    }),
  );
  return spans.flat();
}

function span(detail: SpanDetail, names: ReadonlyMap<string, string>): ObservedSpan {
  return {
    service: detail.service,
    name: detail.name,
    parent: detail.parentSpanId === "" ? "" : (names.get(detail.parentSpanId) ?? "unknown"),
    kind: detail.kind,
    startUnixNano: detail.startUnixNano,
    durationNano: detail.durationNano,
    status: detail.status,
    statusMessage: detail.statusMessage,
    scope: `${detail.scopeName} ${detail.scopeVersion}`,
    attributes: attributes(detail.attributes),
    resource: attributes(detail.resource),
    events: detail.events.map((event) => ({
      name: event.name,
      timeUnixNano: event.timeUnixNano,
      attributes: attributes(event.attributes),
    })),
  };
}

function log(record: StoredLog, names: ReadonlyMap<string, string>): ObservedLog {
  return {
    timeUnixNano: record.timeUnixNano,
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: `${record.bodyType} ${record.body}`,
    span: record.spanId === "" ? "" : (names.get(record.spanId) ?? "unknown"),
    attributes: attributes(record.attributes),
  };
}

async function metric(url: string, window: string, found: MetricSummary): Promise<ObservedMetric> {
  const query = `${window}&metric=${encodeURIComponent(found.name)}&function=last&groupBy=shop`;
  const isHistogram = found.type === "histogram";
  const answer = isHistogram ? undefined : await ask<MetricAnswer>(`${url}/api/metrics/series?${query}`);
  const [line] = answer?.lines ?? [];
  const values = (line?.values ?? []).filter((value) => value !== null);
  return {
    name: found.name,
    type: found.type,
    unit: found.unit,
    description: found.description,
    temporality: found.temporality,
    monotonic: found.monotonic,
    value: values.at(-1),
    shop: isHistogram ? (found.attributeKeys.includes("shop") ? "north" : "") : (line?.group ?? ""),
  };
}

/** By key; what SDKs add of themselves is left out. */
function attributes(stored: readonly StoredAttribute[]): ObservedAttribute[] {
  return stored
    .map(({ key, type, value }): ObservedAttribute => `${key}: ${type} ${value}`)
    .filter((attribute) => !attribute.startsWith("telemetry.sdk."))
    .toSorted();
}

async function ask<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
