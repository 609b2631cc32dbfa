/** Search for log records, and their number over time. */
import { mergePatterns, templateOf } from "../../../src/storage/log-patterns.ts";
import { severityClasses, severityClassOf } from "../../../src/storage/logs.ts";
import type {
  LogField,
  LogFields,
  LogPattern,
  LogPatterns,
  LogSearch,
  LogVolume,
} from "../../../src/storage/logs.ts";
import type { TimeWindow } from "../../../src/storage/window.ts";
import type { LogRow } from "./rows.ts";
import { inWindow, matches, stepOf, wordsOf } from "./select.ts";

const tokens = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** In the search's order, behind its cursor; not cut at its limit. */
export function findLogs(logs: readonly LogRow[], search: LogSearch): LogRow[] {
  const direction = search.order === "newest" ? -1 : 1;
  const found = logs
    .filter((log) => fulfils(log, search))
    .toSorted((a, b) => direction * Number(a.timeNano - b.timeNano) || (a.body < b.body ? -1 : 1));
  const { after } = search;
  if (after === undefined) return found;
  const place = BigInt(after.timeUnixNano);
  const same = found.filter((log) => log.timeNano === place);
  const behind = found.filter((log) => direction * Number(log.timeNano - place) > 0);
  return [...same.slice(after.skip), ...behind];
}

function fulfils(log: LogRow, search: LogSearch): boolean {
  const scopes = { log: [log.attributes], resource: [log.resource], scope: [log.scopeAttributes] };
  const words = new Set(tokens(log.body));
  return (
    (search.window === undefined || inWindow(log.timeNano, search.window)) &&
    (search.service === undefined || log.service === search.service) &&
    (search.traceId === undefined || log.traceId === search.traceId) &&
    (search.spanId === undefined || log.spanId === search.spanId) &&
    log.severityNumber >= (search.minSeverity ?? 0) &&
    (search.attributes ?? []).every((filter) => matches(filter, scopes)) &&
    wordsOf(search.text ?? "").every((word) => tokens(word).every((token) => words.has(token)))
  );
}

export function volumeOf(
  logs: readonly LogRow[],
  search: LogSearch,
  window: TimeWindow,
  steps: number,
): LogVolume {
  const { after: _, ...whole } = search;
  const found = findLogs(logs, { ...whole, window });
  const counts = (wanted: number): number[] => {
    const series = Array.from({ length: steps }, () => 0);
    for (const log of found) {
      const step = stepOf(log.timeNano, window, steps);
      if (Math.ceil(log.severityNumber / 4) === wanted) series[step] = (series[step] ?? 0) + 1;
    }
    return series;
  };
  return {
    stepMs: (window.endMs - window.startMs) / steps,
    startMs: window.startMs,
    classes: severityClasses.map((severity, index) => ({ severity, counts: counts(index) })),
  };
}

/** Everything that the search finds, whatever its page. */
function foundBy(logs: readonly LogRow[], search: LogSearch): LogRow[] {
  const { after: _, ...whole } = search;
  return findLogs(logs, { ...whole, order: "newest" });
}

export function patternsOf(logs: readonly LogRow[], search: LogSearch): LogPatterns {
  const found = foundBy(logs, search);
  const templates = new Map<string, LogRow[]>();
  for (const log of found) {
    const template = templateOf(log.body);
    templates.set(template, [...(templates.get(template) ?? []), log]);
  }
  const patterns = [...templates].map(([template, rows]): LogPattern => {
    const times = rows.map((row) => Number(row.timeNano / 1_000_000n));
    return {
      template,
      count: rows.length,
      severities: severityClasses.map(
        (_, index) => rows.filter((row) => severityClassOf(row.severityNumber) === index).length,
      ),
      services: [...new Set(rows.map((row) => row.service))].toSorted().slice(0, 5),
      example: rows[0]?.body ?? "",
      firstMs: Math.min(...times),
      lastMs: Math.max(...times),
    };
  });
  const ordered = patterns.toSorted((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1));
  return { patterns: mergePatterns(ordered, 300), total: found.length };
}

export function fieldsOf(logs: readonly LogRow[], search: LogSearch): LogFields {
  const found = foundBy(logs, search);
  const fieldsIn = (scope: LogField["scope"], of: (log: LogRow) => LogRow["attributes"]): LogField[] => {
    const keys = new Map<string, Map<string, number>>();
    for (const { key, value } of found.flatMap(of)) {
      const values = keys.get(key) ?? new Map<string, number>();
      keys.set(key, values.set(value, (values.get(value) ?? 0) + 1));
    }
    return [...keys]
      .map(([key, values]) => ({
        scope,
        key,
        count: [...values.values()].reduce((sum, count) => sum + count, 0),
        distinct: values.size,
        values: [...values]
          .map(([value, count]) => ({ value, count }))
          .toSorted((a, b) => b.count - a.count || (a.value < b.value ? 1 : -1))
          .slice(0, 8),
      }))
      .toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
  };
  return {
    fields: [...fieldsIn("log", (log) => log.attributes), ...fieldsIn("resource", (log) => log.resource)],
    records: found.length,
    truncated: false,
  };
}
