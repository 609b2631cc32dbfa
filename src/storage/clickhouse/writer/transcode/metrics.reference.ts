/** The metric half of transcode.reference.ts. */
import type { Batch } from "../../../../telemetry/batch.ts";
import type {
  Exemplar,
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
} from "../../../../telemetry/tree/data-points.ts";
import type { Attributes } from "../../../../telemetry/tree/attributes.ts";
import type { Metric } from "../../../../telemetry/tree/metrics.ts";
import {
  binary,
  clampTime,
  encodeAttributes,
  hex,
  isPossible,
  originColumns,
  type Origin,
  type ReferenceRow,
} from "./transcode.reference.ts";
import type { TranscodeContext } from "./transcoder.ts";

type Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint;

const temporalities = ["unspecified", "delta", "cumulative"];

/** Rows by table. Series rows are those of a store that knows none yet. `Fingerprint` is the text of the identity. */
export function referenceMetrics(
  batch: Batch,
  context: TranscodeContext,
): ReadonlyMap<string, readonly ReferenceRow[]> {
  const rows = new Map<string, ReferenceRow[]>();
  const add = (table: string, row: ReferenceRow): void => {
    rows.set(table, [...(rows.get(table) ?? []), row]);
  };
  const seen = new Set<string>();
  for (const { resource, schemaUrl: resourceUrl, scopeMetrics } of batch.metrics().resourceMetrics) {
    for (const { scope, schemaUrl: scopeUrl, metrics } of scopeMetrics) {
      for (const metric of metrics) {
        const shape = shapeOf(metric);
        if (shape === undefined) continue;
        const origin: Origin = { resource, resourceUrl, scope, scopeUrl };
        for (const point of shape.points) {
          if (!isPossible(point.timeUnixNano)) continue;
          const identity = identityOf(metric, shape, origin, point.attributes, context);
          const day = Math.min(Number(point.timeUnixNano / 86_400_000_000_000n), 65_535);
          if (!seen.has(`${identity} ${day}`)) {
            seen.add(`${identity} ${day}`);
            add("otel_metric_series", seriesRow(metric, shape, origin, point, identity, day, context));
          }
          const common: ReferenceRow = {
            Tenant: context.tenant,
            MetricName: metric.name,
            Fingerprint: identity,
          };
          add(shape.table, { ...common, ...pointRow(point), ...shape.row(point) });
          const exemplars = "exemplars" in point ? [...point.exemplars] : [];
          for (const exemplar of exemplars) {
            add("otel_metric_exemplars", { ...common, ...exemplarRow(exemplar, point) });
          }
        }
      }
    }
  }
  return rows;
}

interface Shape {
  readonly type: string;
  readonly table: string;
  readonly temporality: number;
  readonly monotonic: boolean;
  readonly points: readonly Point[];
  readonly row: (point: Point) => ReferenceRow;
}

function shapeOf(metric: Metric): Shape | undefined {
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric;
  const plain = { temporality: 0, monotonic: false };
  const samples = {
    table: "otel_metric_samples",
    row: (point: Point) => numberRow(point as NumberDataPoint),
  };
  if (gauge !== undefined) return { ...plain, ...samples, type: "gauge", points: [...gauge.dataPoints] };
  if (sum !== undefined) {
    return {
      ...samples,
      type: "sum",
      temporality: sum.aggregationTemporality,
      monotonic: sum.isMonotonic,
      points: [...sum.dataPoints],
    };
  }
  if (histogram !== undefined) {
    return {
      ...plain,
      type: "histogram",
      table: "otel_metric_histograms",
      temporality: histogram.aggregationTemporality,
      points: [...histogram.dataPoints],
      row: (point) => histogramRow(point as HistogramDataPoint),
    };
  }
  if (exponentialHistogram !== undefined) {
    return {
      ...plain,
      type: "exponential_histogram",
      table: "otel_metric_exp_histograms",
      temporality: exponentialHistogram.aggregationTemporality,
      points: [...exponentialHistogram.dataPoints],
      row: (point) => exponentialRow(point as ExponentialHistogramDataPoint),
    };
  }
  if (summary === undefined) return undefined;
  return {
    ...plain,
    type: "summary",
    table: "otel_metric_summaries",
    points: [...summary.dataPoints],
    row: (point) => summaryRow(point as SummaryDataPoint),
  };
}

function identityOf(
  metric: Metric,
  shape: Shape,
  { resource, scope }: Origin,
  attributes: Attributes,
  context: TranscodeContext,
): string {
  return JSON.stringify([
    context.tenant,
    metric.name,
    metric.unit,
    shape.type,
    shape.temporality,
    shape.monotonic,
    sortedAttributes(resource.attributes),
    scope.name,
    scope.version,
    sortedAttributes(scope.attributes),
    sortedAttributes(attributes),
  ]);
}

/** Order of keys does not matter, types of values do. */
export function sortedAttributes(attributes: Attributes): readonly string[] {
  return [...attributes.entries()].map(([key, value]) => JSON.stringify([key, binary(value)])).sort();
}

function seriesRow(
  metric: Metric,
  shape: Shape,
  origin: Origin,
  point: Point,
  identity: string,
  day: number,
  context: TranscodeContext,
): ReferenceRow {
  const { columns, raw } = originColumns(origin);
  const own = encodeAttributes(point.attributes, "s");
  const { ResourceDroppedAttributesCount: _, ScopeDroppedAttributesCount: __, ...kept } = columns;
  return {
    ...kept,
    Tenant: context.tenant,
    MetricName: metric.name,
    Fingerprint: identity,
    SeenDay: day,
    MetricType: shape.type,
    Unit: metric.unit,
    Description: metric.description,
    Temporality: temporalities[shape.temporality] ?? "unspecified",
    Monotonic: shape.monotonic ? 1 : 0,
    Attributes: own.map,
    AttributeTypes: own.types,
    RawAttributes: [...raw, ...own.raw],
    LastSeen: BigInt(context.arrivedMs),
  };
}

function pointRow(point: Point): ReferenceRow {
  return {
    Timestamp: point.timeUnixNano,
    StartTimestamp: clampTime(point.startTimeUnixNano),
    Flags: point.flags,
  };
}

function numberRow(point: {
  readonly asDouble: number | undefined;
  readonly asInt: bigint | undefined;
}): ReferenceRow {
  if (point.asDouble !== undefined) return { Value: point.asDouble, ValueKind: 1, IntValue: 0n };
  if (point.asInt === undefined) return { Value: 0, ValueKind: 0, IntValue: 0n };
  const limit = 1n << 53n;
  const isExact = point.asInt >= -limit && point.asInt < limit;
  return { Value: Number(point.asInt), ValueKind: isExact ? 2 : 3, IntValue: isExact ? 0n : point.asInt };
}

function histogramRow(point: HistogramDataPoint): ReferenceRow {
  return {
    ...totals(point),
    BucketCounts: [...point.bucketCounts],
    ExplicitBounds: [...point.explicitBounds],
  };
}

function totals(point: HistogramDataPoint | ExponentialHistogramDataPoint): ReferenceRow {
  const { count, sum, min, max } = point;
  return {
    Count: count,
    Sum: sum ?? 0,
    Min: min ?? 0,
    Max: max ?? 0,
    Present: (sum === undefined ? 0 : 1) + (min === undefined ? 0 : 2) + (max === undefined ? 0 : 4),
  };
}

function exponentialRow(point: ExponentialHistogramDataPoint): ReferenceRow {
  return {
    ...totals(point),
    Scale: point.scale,
    ZeroCount: point.zeroCount,
    ZeroThreshold: point.zeroThreshold,
    PositiveOffset: point.positive.offset,
    PositiveBucketCounts: [...point.positive.bucketCounts],
    NegativeOffset: point.negative.offset,
    NegativeBucketCounts: [...point.negative.bucketCounts],
  };
}

function summaryRow(point: SummaryDataPoint): ReferenceRow {
  const values = [...point.quantileValues];
  return {
    Count: point.count,
    Sum: point.sum,
    Quantiles: values.map((one) => one.quantile),
    QuantileValues: values.map((one) => one.value),
  };
}

function exemplarRow(exemplar: Exemplar, point: Point): ReferenceRow {
  const own = encodeAttributes(exemplar.filteredAttributes, "s");
  return {
    ...numberRow(exemplar),
    Timestamp: clampTime(exemplar.timeUnixNano),
    PointTimestamp: point.timeUnixNano,
    TraceId: hex(exemplar.traceId),
    SpanId: hex(exemplar.spanId),
    FilteredAttributes: own.map,
    FilteredAttributeTypes: own.types,
    RawAttributes: own.raw,
  };
}
