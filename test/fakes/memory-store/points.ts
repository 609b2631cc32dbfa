/** Data points as rows, the list of metrics, and lines of numbers. */
import type { Batch } from "../../../src/telemetry/batch.ts";
import type { Metric } from "../../../src/telemetry/tree/metrics.ts";
import type { NumberDataPoint } from "../../../src/telemetry/tree/data-points.ts";
import type { StoredAttribute } from "../../../src/storage/attributes.ts";
import type {
  MetricLine,
  MetricQuery,
  MetricSummary,
  MetricType,
  Temporality,
} from "../../../src/storage/metrics.ts";
import { originOf, stored, valueOf, type Kept } from "./rows.ts";
import { groupBy, inWindow, matches } from "./select.ts";

export interface PointRow extends Kept {
  readonly service: string;
  readonly resource: readonly StoredAttribute[];
  readonly attributes: readonly StoredAttribute[];
  readonly metric: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly description: string;
  readonly temporality: Temporality;
  readonly monotonic: boolean;
  readonly startNano: bigint;
  /** Of numbers; the sum of distributions. */
  readonly value: number;
}

const temporalities: readonly Temporality[] = ["unspecified", "delta", "cumulative"];

type Shape = Pick<PointRow, "type" | "temporality" | "monotonic"> & { readonly points: readonly Point[] };
type Point = Pick<NumberDataPoint, "timeUnixNano" | "startTimeUnixNano" | "attributes"> & {
  readonly asDouble?: number | undefined;
  readonly asInt?: bigint | undefined;
  readonly sum?: number | undefined;
};

function shapeOf({ gauge, sum, histogram, exponentialHistogram, summary }: Metric): Shape | undefined {
  const plain = { temporality: "unspecified", monotonic: false } as const;
  if (gauge !== undefined) return { ...plain, type: "gauge", points: [...gauge.dataPoints] };
  if (summary !== undefined) return { ...plain, type: "summary", points: [...summary.dataPoints] };
  const other = sum ?? histogram ?? exponentialHistogram;
  if (other === undefined) return undefined;
  const temporality = temporalities[other.aggregationTemporality] ?? "unspecified";
  const type = sum !== undefined ? "sum" : histogram !== undefined ? "histogram" : "exponential_histogram";
  return { type, temporality, monotonic: sum?.isMonotonic ?? false, points: [...other.dataPoints] };
}

export function pointRows(batch: Batch): PointRow[] {
  const rows: PointRow[] = [];
  for (const { resource, scopeMetrics } of batch.metrics().resourceMetrics) {
    for (const { scope, metrics } of scopeMetrics) {
      const { service, resource: attributes, scopeAttributes } = originOf(resource, scope);
      for (const metric of metrics) {
        const { points, ...shape } = shapeOf(metric) ?? {
          points: [],
          type: "gauge",
          temporality: "unspecified",
          monotonic: false,
        };
        for (const point of points) {
          rows.push({
            ...shape,
            service,
            resource: attributes,
            scopeAttributes,
            tenant: batch.context.tenant,
            timeNano: point.timeUnixNano,
            startNano: point.startTimeUnixNano,
            attributes: stored(point.attributes),
            metric: metric.name,
            unit: metric.unit,
            description: metric.description,
            value: point.asDouble ?? (point.asInt === undefined ? (point.sum ?? 0) : Number(point.asInt)),
          });
        }
      }
    }
  }
  return rows;
}

const seriesKey = (point: PointRow): string =>
  JSON.stringify([
    point.service,
    point.resource,
    point.attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  ]);

/** Of points in the window; by name. */
export function metricsOf(points: readonly PointRow[]): MetricSummary[] {
  return [...groupBy(points, (point) => point.metric).values()]
    .flatMap((group) => {
      const latest = group.toSorted((a, b) => Number(b.timeNano - a.timeNano))[0];
      if (latest === undefined) return [];
      const { metric: name, type, unit, description, temporality, monotonic } = latest;
      const keys = groupBy(
        group.flatMap((point) => point.attributes),
        ({ key }) => key,
      );
      return [
        {
          name,
          type,
          unit,
          description,
          temporality,
          monotonic,
          seriesCount: new Set(group.map(seriesKey)).size,
          services: [...new Set(group.map((point) => point.service))].toSorted(),
          attributeKeys: [...keys].toSorted((a, b) => b[1].length - a[1].length).map(([key]) => key),
          lastSeenMs: Number(latest.timeNano / 1_000_000n),
        },
      ];
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The levels of a gauge: of each step the last value of each series, added, averaged or the newest. Other functions need an engine's work and
 * are refused by the store.
 */
export function gaugeLines(points: readonly PointRow[], query: MetricQuery): MetricLine[] {
  const { window, stepMs, groupBy: key } = query;
  const steps = Math.ceil((window.endMs - window.startMs) / stepMs);
  const chosen = points.filter((point) => {
    const scopes = { metric: [point.attributes], resource: [point.resource], scope: [point.scopeAttributes] };
    return (
      inWindow(point.timeNano, window) && (query.attributes ?? []).every((filter) => matches(filter, scopes))
    );
  });
  const groupOf = (point: PointRow): string =>
    key === undefined ? "" : valueOf(point.attributes, key) || valueOf(point.resource, key);
  return [...groupBy(chosen, groupOf)].map(([group, own]) => ({
    group,
    values: Array.from({ length: steps }, (_, step) => {
      const startMs = window.startMs + step * stepMs;
      const within = own.filter((point) => inWindow(point.timeNano, { startMs, endMs: startMs + stepMs }));
      const newest = within.toSorted((a, b) => Number(a.timeNano - b.timeNano));
      const last = [...new Map(newest.map((point) => [seriesKey(point), point.value])).values()];
      if (last.length === 0) return null;
      if (query.function === "last") return newest.at(-1)?.value ?? null;
      const sum = last.reduce((total, value) => total + value, 0);
      return query.function === "sum" ? sum : sum / last.length;
    }),
  }));
}
