import type {
  Exemplar,
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
} from "../../../telemetry/tree/data-points.ts";
import type { Attributes } from "../../../telemetry/tree/attributes.ts";
import type { MessageList } from "../../../telemetry/tree/message-list.ts";
import type { Metric, MetricsData } from "../../../telemetry/tree/metrics.ts";
import { printFixed, printId, printTime, TextWriter } from "./text-writer.ts";

const typeNames = {
  gauge: "Gauge",
  sum: "Sum",
  histogram: "Histogram",
  exponentialHistogram: "ExponentialHistogram",
  summary: "Summary",
  unknown: "Empty",
} as const;
const temporalities = ["Unspecified", "Delta", "Cumulative"];

/** Every detail of every data point, in the Collector's wording. */
export function printMetrics(metrics: MetricsData): string {
  const writer = new TextWriter();
  for (const [number, resourceMetrics] of [...metrics.resourceMetrics].entries()) {
    writer.line(`ResourceMetrics #${number}`);
    writer.line(`Resource SchemaURL: ${resourceMetrics.schemaUrl}`);
    writer.resource(resourceMetrics.resource);
    for (const [scopeNumber, scopeMetrics] of [...resourceMetrics.scopeMetrics].entries()) {
      writer.line(`ScopeMetrics #${scopeNumber}`);
      writer.line(`ScopeMetrics SchemaURL: ${scopeMetrics.schemaUrl}`);
      writer.scope(scopeMetrics.scope);
      for (const [at, metric] of [...scopeMetrics.metrics].entries()) printMetric(writer, metric, at);
    }
  }
  return writer.toString();
}

function printMetric(writer: TextWriter, metric: Metric, number: number): void {
  writer.line(`Metric #${number}`);
  writer.line("Descriptor:");
  writer.line(`     -> Name: ${metric.name}`);
  writer.line(`     -> Description: ${metric.description}`);
  writer.line(`     -> Unit: ${metric.unit}`);
  writer.line(`     -> DataType: ${typeNames[metric.type]}`);
  if (metric.sum !== undefined) writer.line(`     -> IsMonotonic: ${metric.sum.isMonotonic}`);
  const aggregated = metric.sum ?? metric.histogram ?? metric.exponentialHistogram;
  if (aggregated !== undefined) {
    writer.line(`     -> AggregationTemporality: ${temporalities[aggregated.aggregationTemporality] ?? ""}`);
  }
  writer.attributes("     -> Metadata", metric.metadata);
  points(metric.gauge ?? metric.sum, (point, at) => printNumber(writer, point, at));
  points(metric.histogram, (point, at) => printHistogram(writer, point, at));
  points(metric.exponentialHistogram, (point, at) => printExponential(writer, point, at));
  points(metric.summary, (point, at) => printSummary(writer, point, at));
}

function points<P>(
  holder: { readonly dataPoints: Iterable<P> } | undefined,
  print: (point: P, at: number) => void,
): void {
  let at = 0;
  for (const point of holder?.dataPoints ?? []) print(point, at++);
}

interface Timed {
  readonly attributes: Attributes;
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
}

function printHead(writer: TextWriter, title: string, point: Timed): void {
  writer.line(title);
  writer.attributes("Data point attributes", point.attributes);
  writer.line(`StartTimestamp: ${printTime(point.startTimeUnixNano)}`);
  writer.line(`Timestamp: ${printTime(point.timeUnixNano)}`);
}

function printNumber(writer: TextWriter, point: NumberDataPoint, number: number): void {
  printHead(writer, `NumberDataPoints #${number}`, point);
  if (point.asInt !== undefined) writer.line(`Value: ${point.asInt}`);
  else if (point.asDouble !== undefined) writer.line(`Value: ${printFixed(point.asDouble)}`);
  printExemplars(writer, point.exemplars);
}

function printTotals(writer: TextWriter, point: HistogramDataPoint | ExponentialHistogramDataPoint): void {
  writer.line(`Count: ${point.count}`);
  if (point.sum !== undefined) writer.line(`Sum: ${printFixed(point.sum)}`);
  if (point.min !== undefined) writer.line(`Min: ${printFixed(point.min)}`);
  if (point.max !== undefined) writer.line(`Max: ${printFixed(point.max)}`);
}

function printHistogram(writer: TextWriter, point: HistogramDataPoint, number: number): void {
  printHead(writer, `HistogramDataPoints #${number}`, point);
  printTotals(writer, point);
  for (const [at, bound] of point.explicitBounds.entries())
    writer.line(`ExplicitBounds #${at}: ${printFixed(bound)}`);
  for (const [at, count] of point.bucketCounts.entries()) writer.line(`Buckets #${at}, Count: ${count}`);
  printExemplars(writer, point.exemplars);
}

function printExponential(writer: TextWriter, point: ExponentialHistogramDataPoint, number: number): void {
  printHead(writer, `ExponentialHistogramDataPoints #${number}`, point);
  printTotals(writer, point);
  // A bucket's bounds are base^index and base^(index+1), base = 2^(2^-scale).
  const factor = Math.LN2 * 2 ** -point.scale;
  const bound = (index: number): number => Math.exp(index * factor);
  const negative = point.negative.bucketCounts;
  for (let at = negative.length - 1; at >= 0; at--) {
    const index = point.negative.offset + at;
    writer.line(
      `Bucket [${printFixed(-bound(index + 1))}, ${printFixed(-bound(index))}), Count: ${negative[at]}`,
    );
  }
  if (point.zeroCount !== 0n) writer.line(`Bucket [0, 0], Count: ${point.zeroCount}`);
  for (const [at, count] of point.positive.bucketCounts.entries()) {
    const index = point.positive.offset + at;
    writer.line(`Bucket (${printFixed(bound(index))}, ${printFixed(bound(index + 1))}], Count: ${count}`);
  }
  printExemplars(writer, point.exemplars);
}

function printSummary(writer: TextWriter, point: SummaryDataPoint, number: number): void {
  printHead(writer, `SummaryDataPoints #${number}`, point);
  writer.line(`Count: ${point.count}`);
  writer.line(`Sum: ${printFixed(point.sum)}`);
  for (const [at, { quantile, value }] of [...point.quantileValues].entries()) {
    writer.line(`QuantileValue #${at}: Quantile ${printFixed(quantile)}, Value ${printFixed(value)}`);
  }
}

function printExemplars(writer: TextWriter, exemplars: MessageList<Exemplar>): void {
  if (exemplars.length > 0) writer.line("Exemplars:");
  for (const [at, exemplar] of [...exemplars].entries()) {
    writer.line(`Exemplar #${at}`);
    writer.line(`     -> Trace ID: ${printId(exemplar.traceId)}`);
    writer.line(`     -> Span ID: ${printId(exemplar.spanId)}`);
    writer.line(`     -> Timestamp: ${printTime(exemplar.timeUnixNano)}`);
    if (exemplar.asInt !== undefined) writer.line(`     -> Value: ${exemplar.asInt}`);
    else if (exemplar.asDouble !== undefined) writer.line(`     -> Value: ${printFixed(exemplar.asDouble)}`);
    writer.attributes("     -> FilteredAttributes", exemplar.filteredAttributes);
  }
}
