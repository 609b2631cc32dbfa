/**
 * Types of the JSON API under /api, shared with the UI (which may import only types, only from here).
 *
 * All of it is GET with query parameters, answers 200 with the type named here, or 4xx/5xx with `ErrorAnswer`.
 * Windows are `from` and `to`: Unix milliseconds, or relative as "now-15m" / "now". Attribute filters are repeated `attr` parameters:
 * `[scope.]key=value`, `key!=value`, `key~text` (contains), `key` (exists), the scope prefix being `resource.`, `span.`, `event.`, `log.` or
 * `metric.`; a key that itself begins so is written with its scope.
 * FILTER stands for: from to spans? (all, entry, root, server, client, consumer, database) service? operation? minDuration? maxDuration? ("10ms")
 * status? attr* text?. `by` and `column` name a field of spans: service, name, kind, status, or `[scope.]key` of an attribute.
 *
 * | path | parameters | answer |
 * |---|---|---|
 * | /api/services | from to steps | Page<ServiceSummary> |
 * | /api/operations | from to steps service? | Page<OperationSummary> |
 * | /api/graph | from to | ServiceGraph |
 * | /api/traces | FILTER order? limit? column* | Page<TraceSummary> |
 * | /api/spans/groups | FILTER by? steps limit? | SpanGroups |
 * | /api/spans/heatmap | FILTER steps | DurationHeatmap |
 * | /api/spans/compare | FILTER selectFrom? selectTo? selectMin? selectMax? selectStatus? | SpanComparison |
 * | /api/spans/structure | FILTER | TraceStructure |
 * | /api/spans/exceptions | FILTER steps | Page<ExceptionGroup> |
 * | /api/spans/fields | FILTER | Page<FieldUse> |
 * | /api/traces/{traceId} | | TraceAnswer |
 * | /api/traces/{traceId}/spans | id* | SpanDetail[] |
 * | /api/traces/{traceId}/field | by | TraceField |
 * | /api/traces/{traceId}/links | | Page<LinkingSpan> |
 * | /api/traces/{traceId}/otlp | id* | OTLP/JSON TracesData of these spans, else of the first 10,000 |
 * | /api/logs | from? to? service? trace? span? severity? attr* text? order? limit? after? ("<nanos>:<skip>") | Page<StoredLog> |
 * | /api/logs/volume | as /api/logs, steps | LogVolume |
 * | /api/metrics | from to service? | Page<MetricSummary> |
 * | /api/metrics/series | metric from to step? function? service? attr* groupBy? limit? | MetricAnswer |
 * | /api/senders | | SendersAnswer |
 * | /api/status | | StatusAnswer |
 * | /api/live | | server-sent events: "visible" (VisibleEvent), "senders" (empty), a comment every 15 s |
 * | /api/sql (POST, text/plain body) | | TableAnswer |
 */
import type { Sender } from "../../pipeline/senders/sender.ts";
import type { StoreStatus } from "../../storage/store.ts";

export type {
  AttributeFilter,
  AttributeScope,
  AttributeType,
  StoredAttribute,
} from "../../storage/attributes.ts";
export type { LogCursor, LogVolume, StoredLog } from "../../storage/logs.ts";
export type {
  MetricAnswer,
  MetricExemplar,
  MetricFunction,
  MetricLine,
  MetricSummary,
  MetricType,
} from "../../storage/metrics.ts";
export type {
  CallPath,
  DurationHeatmap,
  ExceptionGroup,
  FieldDifference,
  FieldUse,
  SpanComparison,
  SpanGroup,
  SpanGroups,
  TraceStructure,
} from "../../storage/span-analysis.ts";
export type { StoreStatus, TableAnswer } from "../../storage/store.ts";
export type {
  GraphEdge,
  LinkingSpan,
  OperationSummary,
  Red,
  ServiceGraph,
  ServiceSummary,
  SpanDetail,
  SpanKindName,
  SpanPart,
  StatusCodeName,
  StoredEvent,
  StoredLink,
  TraceAnswer,
  TraceField,
  TraceSkeleton,
  TraceSummary,
} from "../../storage/traces.ts";
export type { EmptyReason, Page, TimeWindow } from "../../storage/window.ts";
export type { Sender, SenderAdvice } from "../../pipeline/senders/sender.ts";

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
