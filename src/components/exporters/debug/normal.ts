/** About one line for each item, in the Collector's wording. */
import { anyValueToString } from "../../../telemetry/attributes/text.ts";
import type { Attributes } from "../../../telemetry/tree/attributes.ts";
import type {
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
} from "../../../telemetry/tree/data-points.ts";
import type { LogsData } from "../../../telemetry/tree/logs.ts";
import type { Metric, MetricsData } from "../../../telemetry/tree/metrics.ts";
import type { TracesData } from "../../../telemetry/tree/traces.ts";
import { printFixed, printId, printShortest } from "./text-writer.ts";

export function printTraceLines(traces: TracesData): string {
  let text = "";
  for (const [number, { resource, schemaUrl, scopeSpans }] of [...traces.resourceSpans].entries()) {
    text += resourceLine("ResourceTraces", number, schemaUrl, resource.attributes);
    for (const [at, { scope, schemaUrl: scopeUrl, spans }] of [...scopeSpans].entries()) {
      text += scopeLine("ScopeTraces", at, scope.name, scope.version, scopeUrl, scope.attributes);
      for (const span of spans) {
        const attributes = pairs(span.attributes).map((pair) => ` ${pair}`);
        text += `${span.name} ${printId(span.traceId)} ${printId(span.spanId)}${attributes.join("")}\n`;
      }
    }
  }
  return text;
}

export function printLogLines(logs: LogsData): string {
  let text = "";
  for (const [number, { resource, schemaUrl, scopeLogs }] of [...logs.resourceLogs].entries()) {
    text += resourceLine("ResourceLog", number, schemaUrl, resource.attributes);
    for (const [at, { scope, schemaUrl: scopeUrl, logRecords }] of [...scopeLogs].entries()) {
      text += scopeLine("ScopeLog", at, scope.name, scope.version, scopeUrl, scope.attributes);
      for (const record of logRecords)
        text += `${anyValueToString(record.body)} ${pairs(record.attributes).join(" ")}\n`;
    }
  }
  return text;
}

export function printMetricLines(metrics: MetricsData): string {
  let text = "";
  for (const [number, { resource, schemaUrl, scopeMetrics }] of [...metrics.resourceMetrics].entries()) {
    text += resourceLine("ResourceMetrics", number, schemaUrl, resource.attributes);
    for (const [at, { scope, schemaUrl: scopeUrl, metrics: list }] of [...scopeMetrics].entries()) {
      text += scopeLine("ScopeMetrics", at, scope.name, scope.version, scopeUrl, scope.attributes);
      for (const metric of list) {
        for (const [attributes, value] of pointLines(metric))
          text += `${metric.name}{${pairs(attributes).join(",")}} ${value}\n`;
      }
    }
  }
  return text;
}

function* pointLines(metric: Metric): Generator<readonly [Attributes, string]> {
  for (const point of (metric.gauge ?? metric.sum)?.dataPoints ?? []) {
    const value = point.asInt ?? (point.asDouble === undefined ? "" : printShortest(point.asDouble));
    yield [point.attributes, String(value)];
  }
  for (const point of metric.histogram?.dataPoints ?? []) {
    const buckets = [...point.bucketCounts.entries()].map(([at, count]) => {
      const bound = point.explicitBounds[at];
      return ` ${bound === undefined ? "" : `le${printShortest(bound)}=`}${count}`;
    });
    yield [point.attributes, totals(point) + buckets.join("")];
  }
  for (const point of metric.exponentialHistogram?.dataPoints ?? []) {
    const base = 2 ** (2 ** -point.scale);
    const buckets = [point.negative, point.positive].flatMap(({ offset, bucketCounts }) =>
      [...bucketCounts.entries()].map(([at, count]) => ` le${printShortest(base ** (offset + at))}=${count}`),
    );
    const zero =
      point.zeroCount > 0n ? ` zero_count${printShortest(point.zeroThreshold)}=${point.zeroCount}` : "";
    yield [point.attributes, totals(point) + buckets.join("") + zero];
  }
  for (const point of metric.summary?.dataPoints ?? []) {
    const quantiles = [...point.quantileValues].map(
      ({ quantile, value }) => ` q${printShortest(quantile)}=${printShortest(value)}`,
    );
    yield [point.attributes, `count=${point.count} sum=${printFixed(point.sum)}${quantiles.join("")}`];
  }
}

function totals(point: HistogramDataPoint | ExponentialHistogramDataPoint): string {
  const parts = [`count=${point.count}`];
  if (point.sum !== undefined) parts.push(`sum=${printShortest(point.sum)}`);
  if (point.min !== undefined) parts.push(`min=${printShortest(point.min)}`);
  if (point.max !== undefined) parts.push(`max=${printShortest(point.max)}`);
  return parts.join(" ");
}

function pairs(attributes: Attributes): string[] {
  return [...attributes.entries()].map(([key, value]) => `${key}=${anyValueToString(value)}`);
}

function resourceLine(title: string, number: number, schemaUrl: string, attributes: Attributes): string {
  return `${title} #${number}${schemaUrl === "" ? "" : ` [${schemaUrl}]`}${spaced(attributes)}\n`;
}

function scopeLine(
  title: string,
  number: number,
  name: string,
  version: string,
  schemaUrl: string,
  attributes: Attributes,
): string {
  const scope = `${name === "" ? "" : ` ${name}`}${version === "" ? "" : `@${version}`}`;
  return `${title} #${number}${scope}${schemaUrl === "" ? "" : ` [${schemaUrl}]`}${spaced(attributes)}\n`;
}

function spaced(attributes: Attributes): string {
  return pairs(attributes)
    .map((pair) => ` ${pair}`)
    .join("");
}
