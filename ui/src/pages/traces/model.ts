/** What the traces page asks and shows. Pure. */
import type { Page, TraceSummary } from "../../../../src/api/explore/wire.ts";
import { nanoToMs } from "../../design/format.ts";
import type { ScatterPoint } from "../../panels/charts/duration-scatter.tsx";
import { serviceColour } from "../../design/service-colour.ts";
import type { TracesSearch } from "../../url/pages.ts";
import type { WindowParameters } from "../../client/queries.ts";

export function tracesParameters(search: TracesSearch): WindowParameters {
  return {
    from: search.from,
    to: search.to,
    service: search.service,
    operation: search.operation,
    minDuration: durationProblem(search.min) === undefined ? search.min : "",
    maxDuration: durationProblem(search.max) === undefined ? search.max : "",
    status: search.status,
    attr: search.attr,
    text: search.text,
    order: search.order,
    limit: search.limit,
  };
}

/** Why a duration cannot be used; undefined when it can, or is empty. */
export function durationProblem(text: string): string | undefined {
  if (text === "" || /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  return `write a number with its unit, such as 250ms or 1.5s (got "${text}")`;
}

/** The duration in the words of the filter, rounded so that the bound still holds: "12.3ms". */
export function durationText(nano: number, bound: "min" | "max"): string {
  const round = bound === "min" ? Math.floor : Math.ceil;
  const units: readonly [number, string][] = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "us"],
  ];
  for (const [size, unit] of units) {
    if (nano >= size) return `${round((nano / size) * 100) / 100}${unit}`;
  }
  return `${round(Math.max(0, nano))}ns`;
}

export function scatterPoints(traces: readonly TraceSummary[]): readonly ScatterPoint[] {
  return traces.map((trace) => ({
    id: trace.traceId,
    name: `${trace.rootService}: ${trace.rootName}`,
    timeMs: nanoToMs(trace.startUnixNano),
    durationNano: trace.durationNano,
    isError: trace.errorCount > 0,
    colour: serviceColour(trace.rootService),
    weight: trace.spanCount,
  }));
}

/**
 * The stretch of time that the plot shows. A list of the newest that was cut covers only the end of the window: the plot then begins with
 * its oldest trace instead of showing emptiness that is not there.
 */
export function plotWindow(
  page: Page<TraceSummary>,
  order: TracesSearch["order"],
  window: { readonly startMs: number; readonly endMs: number },
): { readonly startMs: number; readonly endMs: number } {
  if (!page.truncated || order !== "newest") return window;
  const oldestMs = page.items.reduce(
    (least, trace) => Math.min(least, nanoToMs(trace.startUnixNano)),
    window.endMs - 1000,
  );
  return { startMs: Math.max(window.startMs, oldestMs), endMs: window.endMs };
}

const arrivingMs = 15_000;

/** True while a trace is so young that its other spans may still wait in the batches of their senders. */
export function isArriving(trace: TraceSummary, nowMs: number): boolean {
  return nowMs - (nanoToMs(trace.startUnixNano) + trace.durationNano / 1e6) < arrivingMs;
}

/** True when any filter beside the window is set. */
export function isFiltered(search: TracesSearch): boolean {
  const { service, operation, min, max, status, attr, text } = search;
  return [service, operation, min, max, status, text].some((value) => value !== "") || attr.length > 0;
}

export const noFilters: Partial<TracesSearch> = {
  service: "",
  operation: "",
  min: "",
  max: "",
  status: "",
  attr: [],
  text: "",
};
