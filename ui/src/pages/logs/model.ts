/** What the logs page asks. Pure. */
import type { LogField, LogPattern } from "../../../../src/api/explore/wire.ts";
import type { LogsSearch } from "../../url/pages.ts";
import type { Parameters } from "../../client/http.ts";
import type { WindowParameters } from "../../client/queries.ts";
import { defaultRange, isMoving } from "../../url/time.ts";
import { leastSeverity } from "../../panels/logs/severity.ts";

/** Filters that list and histogram share. A trace is looked for wherever in time it lies. */
function filters(search: LogsSearch): Parameters {
  return {
    service: search.service,
    trace: search.trace,
    span: search.span,
    severity: leastSeverity(search.severity),
    attr: search.attr,
    text: search.text,
  };
}

export function logParameters(search: LogsSearch): Parameters {
  const window = search.trace === "" ? { from: search.from, to: search.to } : {};
  return { ...window, ...filters(search), order: search.order };
}

/** A tail ends now, whatever the window's end. */
export function tailParameters(search: LogsSearch): Parameters {
  const window =
    search.trace === "" ? { from: isMoving(search) ? search.from : defaultRange.from, to: "now" } : {};
  return { ...window, ...filters(search) };
}

const volumeSteps = 80;

export function volumeParameters(search: LogsSearch): WindowParameters {
  return { from: search.from, to: search.to, ...filters(search), steps: volumeSteps };
}

export function searchWords(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word.length > 1);
}

export function isFiltered(search: LogsSearch): boolean {
  const { service, severity, text, attr, trace, span } = search;
  return [service, severity, text, trace, span].some((value) => value !== "") || attr.length > 0;
}

export const noFilters: Partial<LogsSearch> = {
  service: "",
  severity: "",
  text: "",
  attr: [],
  trace: "",
  span: "",
};

/** The server cuts values at this many characters: a cut one cannot be filtered by. */
export const longestValue = 300;

/** The template cut at its variable parts. */
export function patternParts(
  template: string,
): readonly { readonly text: string; readonly isVariable: boolean }[] {
  return template
    .split(/(<\*>)/)
    .filter((text) => text !== "")
    .map((text) => ({ text, isVariable: text === "<*>" }));
}

/** Whole words of a template that every line of it holds: what to look for to see its lines. */
export function patternWords(template: string): string {
  const words = template.split(/\s+/).filter((word) => !word.includes("<*>") && /^[A-Za-z]{2,}$/.test(word));
  return [...new Set(words)].slice(0, 12).join(" ");
}

export function coveredBy(patterns: readonly LogPattern[]): number {
  return patterns.reduce((sum, pattern) => sum + pattern.count, 0);
}

export function matchFields(fields: readonly LogField[], text: string): readonly LogField[] {
  const wanted = text.trim().toLowerCase();
  return fields.filter(
    ({ key, values }) =>
      key.toLowerCase().includes(wanted) || values.some(({ value }) => value.toLowerCase().includes(wanted)),
  );
}
