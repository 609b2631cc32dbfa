/**
 * Types of the JSON API under /api, shared with the UI (which may import only types, only from here).
 *
 * All of it but the rows that say otherwise is GET with query parameters, answers 200 with the type named here, or 4xx/5xx with `ErrorAnswer`.
 * Windows are `from` and `to`: Unix milliseconds, or relative as "now-15m" / "now". Attribute filters are repeated `attr` parameters:
 * `[scope.]key=value`, `key!=value`, `key~text` (contains), `key` (exists), the scope prefix being `resource.`, `span.`, `event.`, `log.` or
 * `metric.`; a key that itself begins so is written with its scope.
 *
 * | path | parameters | answer |
 * |---|---|---|
 * | /api/services | from to steps | Page<ServiceSummary> |
 * | /api/operations | from to steps service? | Page<OperationSummary> |
 * | /api/graph | from to | ServiceGraph |
 * | /api/traces | from to service? operation? minDuration? maxDuration? ("10ms") status? attr* text? order? limit? | Page<TraceSummary> |
 * | /api/traces/{traceId} | | TraceAnswer |
 * | /api/traces/{traceId}/spans | id* | SpanDetail[] |
 * | /api/logs | from? to? service? trace? span? severity? attr* text? order? limit? after? ("<nanos>:<skip>") | Page<StoredLog> |
 * | /api/logs/volume | as /api/logs, steps | LogVolume |
 * | /api/logs/patterns | as /api/logs | LogPatterns |
 * | /api/logs/fields | as /api/logs | LogFields |
 * | /api/metrics | from to service? | Page<MetricSummary> |
 * | /api/metrics/series | metric from to step? function? service? attr* groupBy? limit? | MetricAnswer |
 * | /api/senders | | SendersAnswer |
 * | /api/status | | StatusAnswer |
 * | /api/live | | server-sent events: "visible" (VisibleEvent), "senders" (empty), a comment every 15 s |
 * | /api/views | | ViewsAnswer |
 * | /api/views/{name} (PUT, text/plain body: the page's path and query) | | SavedView |
 * | /api/views/{name} (DELETE) | | ViewsAnswer |
 * | /api/sql (POST, text/plain body) | | TableAnswer |
 */
import type { Sender } from "../../pipeline/senders/sender.ts";
import type { SavedView } from "../../storage/saved-views.ts";
import type { StoreStatus } from "../../storage/store.ts";

export type {
  AttributeFilter,
  AttributeScope,
  AttributeType,
  StoredAttribute,
} from "../../storage/attributes.ts";
export type {
  LogCursor,
  LogField,
  LogFields,
  LogPattern,
  LogPatterns,
  LogVolume,
  StoredLog,
} from "../../storage/logs.ts";
export type {
  MetricAnswer,
  MetricExemplar,
  MetricFunction,
  MetricLine,
  MetricSummary,
  MetricType,
} from "../../storage/metrics.ts";
export type { SavedView } from "../../storage/saved-views.ts";
export type { StoreStatus, TableAnswer } from "../../storage/store.ts";
export type {
  GraphEdge,
  OperationSummary,
  Red,
  ServiceGraph,
  ServiceSummary,
  SpanDetail,
  SpanKindName,
  StatusCodeName,
  StoredEvent,
  StoredLink,
  TraceAnswer,
  TraceSkeleton,
  TraceSummary,
} from "../../storage/traces.ts";
export type { EmptyReason, Page, TimeWindow } from "../../storage/window.ts";
export type { Sender, SenderAdvice } from "../../pipeline/senders/sender.ts";

export interface ViewsAnswer {
  readonly views: readonly SavedView[];
}

export interface SendersAnswer {
  readonly senders: readonly Sender[];
  /** Where to send, as URLs that work from this machine. */
  readonly endpoints: { readonly grpc: string; readonly http: string };
}

export interface StatusAnswer {
  readonly version: string;
  readonly startedUnixMs: number;
  readonly store: StoreStatus;
  /** Internal metrics by the Collector's names, with their labels: "otelcol_receiver_accepted_spans". */
  readonly counters: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
  /** What the program noticed and a person should know. */
  readonly notices: readonly { readonly level: "info" | "warning" | "error"; readonly message: string }[];
}

export interface VisibleEvent {
  readonly signals: readonly ("traces" | "metrics" | "logs")[];
}

export interface ErrorAnswer {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
  };
}
