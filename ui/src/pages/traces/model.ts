/** What the traces page asks and shows. Pure. */
import type { TimeWindow, TraceSummary } from "../../../../src/api/explore/wire.ts";
import { nanoToMs } from "../../design/format.ts";
import type { HeatArea } from "../../panels/charts/heat-map.tsx";
import { addFilter, filterFor } from "../../url/attribute-filter.ts";
import type { TracesSearch } from "../../url/pages.ts";
import type { WindowParameters } from "../../client/queries.ts";

/** The set of spans that the filters leave, without the selection. */
export function filterParameters(search: TracesSearch): WindowParameters {
  return {
    from: search.from,
    to: search.to,
    spans: search.spans,
    service: search.service,
    operation: search.operation,
    minDuration: usable(search.min),
    maxDuration: usable(search.max),
    status: search.status,
    attr: search.attr,
    text: search.text,
  };
}

const usable = (duration: string): string => (durationProblem(duration) === undefined ? duration : "");

/** The same, narrowed to the selection when there is one. */
export function chosenParameters(search: TracesSearch): WindowParameters {
  const all = filterParameters(search);
  const nano = (text: string): number => durationNano(text) ?? Number.NaN;
  // Both hold: the higher of the least durations and the lower of the greatest.
  const least = [String(all.minDuration), usable(search.selMin)].filter((text) => text !== "");
  const most = [String(all.maxDuration), usable(search.selMax)].filter((text) => text !== "");
  return {
    ...all,
    from: search.selFrom === "" ? all.from : search.selFrom,
    to: search.selTo === "" ? all.to : search.selTo,
    minDuration: least.toSorted((a, b) => nano(b) - nano(a))[0] ?? "",
    maxDuration: most.toSorted((a, b) => nano(a) - nano(b))[0] ?? "",
    status: search.selStatus === "" ? all.status : search.selStatus,
  };
}

export function tracesParameters(search: TracesSearch): WindowParameters {
  return {
    ...chosenParameters(search),
    order: search.order,
    limit: search.limit,
    column: search.col,
  };
}

/** The selection as the comparison asks for it. */
export function selectionParameters(
  search: TracesSearch,
): Readonly<Record<"selectFrom" | "selectTo" | "selectMin" | "selectMax" | "selectStatus", string>> {
  return {
    selectFrom: search.selFrom,
    selectTo: search.selTo,
    selectMin: usable(search.selMin),
    selectMax: usable(search.selMax),
    selectStatus: search.selStatus,
  };
}

export function hasSelection(search: TracesSearch): boolean {
  return Object.values(selectionParameters(search)).some((value) => value !== "");
}

export const noSelection: Partial<TracesSearch> = {
  selFrom: "",
  selTo: "",
  selMin: "",
  selMax: "",
  selStatus: "",
};

/** The selection as an area of the heat map; what it leaves open reaches to the ends of the window. */
export function selectedArea(search: TracesSearch, window: TimeWindow): HeatArea | undefined {
  // A selection by status alone has no place of its own there.
  if (!hasSelection({ ...search, selStatus: "" })) return undefined;
  return {
    startMs: search.selFrom === "" ? window.startMs : Number(search.selFrom),
    endMs: search.selTo === "" ? window.endMs : Number(search.selTo),
    minNano: durationNano(search.selMin) ?? 1,
    maxNano: durationNano(search.selMax) ?? Number.MAX_SAFE_INTEGER,
  };
}

const unitNano: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds of "1m30s"; undefined for an empty or unreadable text. */
export function durationNano(text: string): number | undefined {
  if (text === "" || durationProblem(text) !== undefined) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(number) * (unitNano[unit!] ?? 0);
  return sum;
}

/** What a click on a value of a field changes: the page's own filters where there is one, else an attribute filter. */
export function fieldFilter(
  search: TracesSearch,
  field: string,
  value: string,
  operator: "=" | "!=",
): Partial<TracesSearch> | undefined {
  if (operator === "=") {
    if (field === "service" || field === "resource.service.name") return { service: value };
    if (field === "name") return { operation: value };
    if (field === "status" && (value === "Error" || value === "Ok" || value === "Unset"))
      return { status: value };
    if (field === "kind") {
      const spans = { Server: "server", Client: "client", Consumer: "consumer" } as const;
      return value in spans ? { spans: spans[value as keyof typeof spans] } : undefined;
    }
  } else if (field === "service") {
    return { attr: addFilter(search.attr, filterFor("resource", "service.name", value, "!=")) };
  }
  if (["service", "name", "status", "kind"].includes(field)) return undefined;
  // Spans that lack the attribute have no value to filter by.
  if (value === "") return undefined;
  return { attr: addFilter(search.attr, `${field}${operator}${value}`) };
}

/** Why a duration cannot be used; undefined when it can, or is empty. */
export function durationProblem(text: string): string | undefined {
  if (text === "" || /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  return `write a number with its unit, such as 250ms or 1.5s (got "${text}")`;
}

const arrivingMs = 15_000;

/** True while a trace is so young that its other spans may still wait in the batches of their senders. */
export function isArriving(trace: TraceSummary, nowMs: number): boolean {
  return nowMs - (nanoToMs(trace.startUnixNano) + trace.durationNano / 1e6) < arrivingMs;
}

/** True when any filter beside the window is set. */
export function isFiltered(search: TracesSearch): boolean {
  const { service, operation, min, max, status, attr, text, spans } = search;
  return [service, operation, min, max, status, text, spans].some((value) => value !== "") || attr.length > 0;
}

export const noFilters: Partial<TracesSearch> = {
  service: "",
  operation: "",
  min: "",
  max: "",
  status: "",
  attr: [],
  text: "",
  spans: "",
};
