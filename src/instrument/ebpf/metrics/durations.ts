import type { AttributeValue, TracedSpan } from "../spans/span.ts";
import { instrumentOf, seriesAttributes, type DurationInstrument } from "./instruments.ts";

/** Series of one process and instrument, as many as OpenTelemetry's SDKs keep; what comes beyond is counted in one further series. */
const maxSeries = 2000;
const overflow: ReadonlyMap<string, AttributeValue> = new Map([["otel.metric.overflow", "true"]]);

export interface DurationSeries {
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Of each bucket; one more than the instrument has bounds. */
  readonly counts: number[];
  count: number;
  sumSeconds: number;
}

/** Durations of one process since it was first traced: every span counts, whether its trace is sampled or not. */
export class Durations {
  private readonly byInstrument = new Map<DurationInstrument, Map<string, DurationSeries>>();

  record(span: TracedSpan): void {
    const seconds = Math.max(0, Number(span.record.endNs - span.record.startNs)) / 1e9;
    this.counterOf(span)?.(seconds);
  }

  /** Counts spans that have the attributes of this one; undefined when spans of its kind are not counted. */
  counterOf(span: TracedSpan): ((seconds: number) => void) | undefined {
    const instrument = instrumentOf(span);
    if (instrument === undefined) return undefined;
    const series = this.seriesOf(span, instrument);
    return (seconds) => {
      // A bound belongs to the bucket below it.
      const bucket = instrument.bounds.findIndex((bound) => seconds <= bound);
      series.counts[bucket === -1 ? instrument.bounds.length : bucket]! += 1;
      series.count += 1;
      series.sumSeconds += seconds;
    };
  }

  /** What was recorded so far, instruments in the order in which they were first needed. */
  *collect(): Iterable<readonly [DurationInstrument, Iterable<DurationSeries>]> {
    for (const [instrument, series] of this.byInstrument) yield [instrument, series.values()];
  }

  private seriesOf(span: TracedSpan, instrument: DurationInstrument): DurationSeries {
    let known = this.byInstrument.get(instrument);
    if (known === undefined) this.byInstrument.set(instrument, (known = new Map()));
    let key = "";
    for (const name of instrument.attributes) key += `${span.attributes.get(name) ?? ""}\0`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size < maxSeries) return made(known, key, seriesAttributes(span, instrument), instrument);
    return known.get("overflow") ?? made(known, "overflow", overflow, instrument);
  }
}

function made(
  known: Map<string, DurationSeries>,
  key: string,
  attributes: DurationSeries["attributes"],
  { bounds }: DurationInstrument,
): DurationSeries {
  const series = {
    attributes,
    counts: Array.from({ length: bounds.length + 1 }, () => 0),
    count: 0,
    sumSeconds: 0,
  };
  known.set(key, series);
  return series;
}
