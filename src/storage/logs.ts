/** Read interface for logs. */
import type { AttributeFilter, StoredAttribute } from "./attributes.ts";
import type { Page, ReadContext, TimeWindow } from "./window.ts";

export interface LogSearch {
  readonly window?: TimeWindow;
  readonly service?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  /** Lowest severity number kept (1 to 24). */
  readonly minSeverity?: number;
  readonly attributes?: readonly AttributeFilter[];
  /** Words looked for in the body, ignoring case. */
  readonly text?: string;
  readonly order: "newest" | "oldest";
  /** At most 5,000. */
  readonly limit: number;
  /** Continue behind this record of an earlier page, in the page's order. */
  readonly after?: LogCursor;
}

/** Place of one record in the order by time; `skip` records of the same nanosecond have been seen. */
export interface LogCursor {
  readonly timeUnixNano: string;
  readonly skip: number;
}

export interface StoredLog {
  /** Time of the event; the observed time when the sender gave none. */
  readonly timeUnixNano: string;
  readonly service: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  readonly bodyType: StoredAttribute["type"];
  readonly eventName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly attributes: readonly StoredAttribute[];
  readonly resource: readonly StoredAttribute[];
  readonly scopeName: string;
  readonly scopeVersion: string;
}

/** Classes of severity numbers: 0 is the first, then four numbers a class. */
export const severityClasses = ["unspecified", "trace", "debug", "info", "warn", "error", "fatal"] as const;

/** Index into `severityClasses` of a severity number; what is not 1 to 24 is unspecified. */
export function severityClassOf(number: number): number {
  return number >= 1 && number <= 24 ? Math.floor((number - 1) / 4) + 1 : 0;
}

/** Records a step and severity class over a window; series have equal length, first step first. */
export interface LogVolume {
  readonly stepMs: number;
  readonly startMs: number;
  readonly classes: readonly {
    readonly severity: (typeof severityClasses)[number];
    readonly counts: readonly number[];
  }[];
}

/** Records whose bodies differ only in their variable parts. */
export interface LogPattern {
  /** The body with "<*>" for each variable part; at most 300 characters of it are looked at. */
  readonly template: string;
  readonly count: number;
  /** Records by severity, as long as `severityClasses` and in its order. */
  readonly severities: readonly number[];
  /** Services that wrote them, at most 5. */
  readonly services: readonly string[];
  /** One body of them. */
  readonly example: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Patterns of all records that the search finds, most records first. */
export interface LogPatterns {
  readonly patterns: readonly LogPattern[];
  /** Records that the search finds; more than the patterns' sum when rare ones were left out. */
  readonly total: number;
}

/** One attribute of the records found, with its most frequent values. */
export interface LogField {
  readonly scope: "log" | "resource";
  readonly key: string;
  /** Records that have it. */
  readonly count: number;
  readonly distinct: number;
  /** Most frequent first, at most 8. A value is cut at 300 characters. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

export interface LogFields {
  /** Most records first, at most 200; resource attributes behind those of the records. */
  readonly fields: readonly LogField[];
  /** Records looked at: the newest, at most 100,000. */
  readonly records: number;
  /** More records exist than were looked at. */
  readonly truncated: boolean;
}

export interface LogReader {
  searchLogs(search: LogSearch, context: ReadContext): Promise<Page<StoredLog>>;
  /** Counts over `search.window` (which must be given) in `steps` equal steps; order, limit and cursor are ignored. */
  logVolume(search: LogSearch, steps: number, context: ReadContext): Promise<LogVolume>;
  /** Clusters of similar bodies over everything that the search finds; order, limit and cursor are ignored. */
  logPatterns(search: LogSearch, context: ReadContext): Promise<LogPatterns>;
  /** Attributes of the records found, with their values; order, limit and cursor are ignored. */
  logFields(search: LogSearch, context: ReadContext): Promise<LogFields>;
}
