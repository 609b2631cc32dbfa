import type { MetricSummary, TimeWindow } from "../../../../src/api/explore/wire.ts";

const marginMs = 300_000;
const mostShown = 4;

/** Whole tens of seconds, so that neighbouring spans ask the same. */
export function aroundSpan(startMs: number, durationMs: number): TimeWindow {
  const step = 10_000;
  return {
    startMs: Math.floor((startMs - marginMs) / step) * step,
    endMs: Math.ceil((startMs + durationMs + marginMs) / step) * step,
  };
}

/** What explains a slow span most often, in this order. */
const telling: readonly RegExp[] = [
  /cpu/,
  /eventloop|event_loop/,
  /memory|heap/,
  /gc|garbage/,
  /request\.duration/,
  /connection|pool|queue|thread|goroutine/,
];

/** At most four metrics: one of each telling sort, then others by name. */
export function tellingMetrics(metrics: readonly MetricSummary[]): readonly MetricSummary[] {
  const chosen: MetricSummary[] = [];
  for (const pattern of telling) {
    const found = metrics.find((metric) => pattern.test(metric.name) && !chosen.includes(metric));
    if (found !== undefined) chosen.push(found);
  }
  const rest = metrics.filter((metric) => !chosen.includes(metric));
  return [...chosen, ...rest].slice(0, mostShown);
}
