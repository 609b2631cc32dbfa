/**
 * The internal metrics of this program: components add to them through `Meters`; the Prometheus endpoint, the JSON API and tests read
 * `collect()`. Names and labels are the Collector's, with "_" for ".".
 */
import type { Counter, Histogram, Labels, Meters } from "../component.ts";

type MetricKind = "counter" | "gauge" | "histogram";

/** One metric with all its label sets, in the order in which they were first asked for. */
export interface MetricFamily {
  readonly name: string;
  readonly kind: MetricKind;
  readonly doc: string;
  readonly unit: string;
  readonly series: readonly MetricSeries[];
}

type MetricSeries =
  | { readonly labels: Labels; readonly value: number }
  | { readonly labels: Labels; readonly histogram: HistogramValue };

interface HistogramValue {
  /** Upper bounds, inclusive, rising; without +Inf. */
  readonly bounds: readonly number[];
  /** One more than bounds; not cumulative. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export interface MetricRegistry extends Meters {
  collect(): readonly MetricFamily[];
  /** The value of one counter or gauge; undefined when there is none of this name and labels. */
  read(name: string, labels?: Labels): number | undefined;
  /** Forgets gauges, whose readers belong to a configuration that was stopped; counters and histograms go on. */
  dropGauges(): void;
}

interface Family {
  readonly kind: MetricKind;
  readonly doc: string;
  readonly unit: string;
  readonly series: Map<string, { readonly labels: Labels; readonly source: Source }>;
}

type Source = CounterValue | HistogramSource | { readonly read: () => number };

export function createMetricRegistry(): MetricRegistry {
  const families = new Map<string, Family>();
  const family = (name: string, kind: MetricKind, doc: string, unit = ""): Family => {
    let found = families.get(name);
    if (found === undefined) {
      found = { kind, doc, unit, series: new Map() };
      families.set(name, found);
    }
    return found;
  };
  return {
    counter: (name, labels, doc, unit) => {
      const { series } = family(name, "counter", doc, unit);
      const key = labelKey(labels);
      const known = series.get(key)?.source;
      if (known instanceof CounterValue) return known;
      const source = new CounterValue();
      series.set(key, { labels, source });
      return source;
    },
    observedCounter: (name, labels, doc, read, unit) => {
      family(name, "counter", doc, unit).series.set(labelKey(labels), { labels, source: { read } });
    },
    gauge: (name, labels, doc, read, unit) => {
      family(name, "gauge", doc, unit).series.set(labelKey(labels), { labels, source: { read } });
    },
    histogram: (name, labels, doc, bounds, unit) => {
      const { series } = family(name, "histogram", doc, unit);
      const key = labelKey(labels);
      const known = series.get(key)?.source;
      if (known instanceof HistogramSource) return known;
      const source = new HistogramSource(bounds);
      series.set(key, { labels, source });
      return source;
    },
    collect: () =>
      [...families].map(([name, { kind, doc, unit, series }]) => ({
        name,
        kind,
        doc,
        unit,
        series: [...series.values()].map(({ labels, source }) => readSeries(labels, source)),
      })),
    read: (name, labels = {}) => {
      const source = families.get(name)?.series.get(labelKey(labels))?.source;
      if (source === undefined || source instanceof HistogramSource) return undefined;
      return source instanceof CounterValue ? source.value : source.read();
    },
    dropGauges: () => {
      for (const [name, { kind }] of families) if (kind === "gauge") families.delete(name);
    },
  };
}

function readSeries(labels: Labels, source: Source): MetricSeries {
  if (source instanceof HistogramSource) return { labels, histogram: source.snapshot() };
  return { labels, value: source instanceof CounterValue ? source.value : source.read() };
}

class CounterValue implements Counter {
  value = 0;
  add(amount: number): void {
    this.value += amount;
  }
}

class HistogramSource implements Histogram {
  private readonly bounds: readonly number[];
  private readonly counts: number[];
  private sum = 0;
  private count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  record(value: number): void {
    const found = this.bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? this.bounds.length : found;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count++;
  }

  snapshot(): HistogramValue {
    return { bounds: this.bounds, counts: [...this.counts], sum: this.sum, count: this.count };
  }
}

function labelKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)));
}
