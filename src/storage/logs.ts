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

/** Records a step and severity class over a window; series have equal length, first step first. */
export interface LogVolume {
  readonly stepMs: number;
  readonly startMs: number;
  readonly classes: readonly {
    readonly severity: "unspecified" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";
    readonly counts: readonly number[];
  }[];
}

export interface LogReader {
  searchLogs(search: LogSearch, context: ReadContext): Promise<Page<StoredLog>>;
  /** Counts over `search.window` (which must be given) in `steps` equal steps; order, limit and cursor are ignored. */
  logVolume(search: LogSearch, steps: number, context: ReadContext): Promise<LogVolume>;
}
