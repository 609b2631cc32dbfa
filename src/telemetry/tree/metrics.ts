import {
  exponentialHistogramSpec,
  gaugeSpec,
  histogramSpec,
  metricSpec,
  metricsSpec,
  resourceMetricsSpec,
  scopeMetricsSpec,
  summarySpec,
  sumSpec,
} from "../wire/metrics-spec.ts";
import type { Attributes } from "./attributes.ts";
import { InstrumentationScope, Resource } from "./common.ts";
import {
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
} from "./data-points.ts";
import { defineFields } from "./fields.ts";
import { Message } from "./message.ts";
import type { MessageList } from "./message-list.ts";

export class Gauge extends Message {
  declare readonly dataPoints: MessageList<NumberDataPoint>;
}
defineFields(Gauge, gaugeSpec, { dataPoints: NumberDataPoint });

export class Sum extends Message {
  declare readonly dataPoints: MessageList<NumberDataPoint>;
  /** 0 unspecified, 1 delta, 2 cumulative. */
  declare aggregationTemporality: number;
  declare isMonotonic: boolean;
}
defineFields(Sum, sumSpec, { dataPoints: NumberDataPoint });

export class Histogram extends Message {
  declare readonly dataPoints: MessageList<HistogramDataPoint>;
  declare aggregationTemporality: number;
}
defineFields(Histogram, histogramSpec, { dataPoints: HistogramDataPoint });

export class ExponentialHistogram extends Message {
  declare readonly dataPoints: MessageList<ExponentialHistogramDataPoint>;
  declare aggregationTemporality: number;
}
defineFields(ExponentialHistogram, exponentialHistogramSpec, { dataPoints: ExponentialHistogramDataPoint });

export class Summary extends Message {
  declare readonly dataPoints: MessageList<SummaryDataPoint>;
}
defineFields(Summary, summarySpec, { dataPoints: SummaryDataPoint });

/** Which of a metric's five kinds of points it holds; "unknown" for none, or one that we do not know. */
export type MetricType = "gauge" | "sum" | "histogram" | "exponentialHistogram" | "summary" | "unknown";

/** At most one of the five is set; assigning one removes the others. */
export class Metric extends Message {
  declare name: string;
  declare description: string;
  declare unit: string;
  declare gauge: Gauge | undefined;
  declare sum: Sum | undefined;
  declare histogram: Histogram | undefined;
  declare exponentialHistogram: ExponentialHistogram | undefined;
  declare summary: Summary | undefined;
  declare readonly metadata: Attributes;

  get type(): MetricType {
    if (this.gauge !== undefined) return "gauge";
    if (this.sum !== undefined) return "sum";
    if (this.histogram !== undefined) return "histogram";
    if (this.exponentialHistogram !== undefined) return "exponentialHistogram";
    return this.summary === undefined ? "unknown" : "summary";
  }

  /** Number of data points of whatever type. */
  get dataPointCount(): number {
    const points = this.gauge ?? this.sum ?? this.histogram ?? this.exponentialHistogram ?? this.summary;
    return points?.dataPoints.length ?? 0;
  }
}
defineFields(Metric, metricSpec, {
  gauge: Gauge,
  sum: Sum,
  histogram: Histogram,
  exponentialHistogram: ExponentialHistogram,
  summary: Summary,
});

export class ScopeMetrics extends Message {
  declare scope: InstrumentationScope;
  declare readonly metrics: MessageList<Metric>;
  declare schemaUrl: string;
}
defineFields(ScopeMetrics, scopeMetricsSpec, { scope: InstrumentationScope, metrics: Metric });

export class ResourceMetrics extends Message {
  declare resource: Resource;
  declare readonly scopeMetrics: MessageList<ScopeMetrics>;
  declare schemaUrl: string;
}
defineFields(ResourceMetrics, resourceMetricsSpec, { resource: Resource, scopeMetrics: ScopeMetrics });

/** The root of a batch of metrics. */
export class MetricsData extends Message {
  declare readonly resourceMetrics: MessageList<ResourceMetrics>;
}
defineFields(MetricsData, metricsSpec, { resourceMetrics: ResourceMetrics });
