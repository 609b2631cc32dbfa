/**
 * Types of the JSON API under /api, shared with the UI (which may import only types, only from here).
 *
 * All of it but the rows that say otherwise is GET with query parameters, answers 200 with the type named here, or 4xx/5xx with `ErrorAnswer`.
 * Windows are `from` and `to`: Unix milliseconds, or relative as "now-15m" / "now". Attribute filters are repeated `attr` parameters:
 * `[scope.]key=value`, `key!=value`, `key~text` (contains), `key` (exists), the scope prefix being `resource.`, `span.`, `event.`, `log.` or
 * `metric.`; a key that itself begins so is written with its scope.
 * Where the stack has several tenants, each request names its own by the header `X-Scope-OrgID` or the cookie `otelier_tenant`, and the answer says in its
 * `X-Scope-OrgID` whose telemetry it holds; /api/status and /api/storage/backup are of the whole stack and need none, /api/sql is refused.
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
 * | /api/logs/patterns | as /api/logs | LogPatterns |
 * | /api/logs/fields | as /api/logs | LogFields |
 * | /api/metrics | from to service? | Page<MetricSummary> |
 * | /api/metrics/series | metric from to step? function? service? attr* groupBy? limit? | MetricAnswer |
 * | /api/metrics/heatmap | metric from to step? service? attr* | MetricHeatmap |
 * | /api/storage | | StorageReport |
 * | /api/storage/export | format? (parquet, otlp-json) signal* from? to? service? | ExportPlanAnswer |
 * | /api/storage/export/piece | as the plan's, and of one piece: pieceSignal table startMs endMs share shares | the bytes of one file |
 * | /api/storage/import (POST, one Parquet file or lines of OTLP/JSON, at most 128 MiB) | format? keep? (true) | ImportResult |
 * | /api/storage/backup (POST) | | a tar archive that `otelier storage restore` takes |
 * | /api/senders | | SendersAnswer |
 * | /api/status | | StatusAnswer |
 * | /api/health | | HealthAnswer; asks for no credentials |
 * | /api/ready | | ReadyAnswer, with status 503 while not ready; asks for no credentials |
 * | /api/live | | server-sent events: "visible" (VisibleEvent), "senders" (empty), a comment every 15 s |
 * | /api/views | | ViewsAnswer |
 * | /api/views/{name} (PUT, text/plain body: the page's path and query) | | SavedView |
 * | /api/views/{name} (DELETE) | | ViewsAnswer |
 * | /api/sql (POST, text/plain body) | | TableAnswer |
 */
import type { Sender } from "../../pipeline/senders/sender.ts";
import type { SavedView } from "../../storage/saved-views.ts";
import type { StoreStatus } from "../../storage/store.ts";
import type { ExportPiece } from "../../storage/transfer.ts";

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
  MetricHeatmap,
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
export type { SavedView } from "../../storage/saved-views.ts";
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
export type { ExportPiece, ImportResult } from "../../storage/transfer.ts";
export type {
  AttributeUsage,
  KeptAmount,
  KeptDay,
  KeptSignal,
  RetentionSettings,
  ServiceUsage,
  SignalUsage,
  StorageReport,
  TableKept,
  UpcomingDrop,
} from "../../storage/usage.ts";
export type { EmptyReason, Page, TimeWindow } from "../../storage/window.ts";
export type { Sender, SenderAdvice, SenderRefusal } from "../../pipeline/senders/sender.ts";

export interface ViewsAnswer {
  readonly views: readonly SavedView[];
}

export interface SendersAnswer {
  readonly senders: readonly Sender[];
  /** Where to send, as URLs that work from this machine. */
  readonly endpoints: { readonly grpc: string; readonly http: string };
}

/** Header of a backup's answer: bytes of all its files. */
export const backupSizeHeader = "x-otelier-backup-bytes";

export interface ExportPlanAnswer {
  /** Oldest first within a table. */
  readonly pieces: readonly ExportPiece[];
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
  /** Everything refused and dropped since the start, by place and reason; what is refused at two places is counted at both. */
  readonly losses: readonly Loss[];
  /** Senders of which anything was refused, with the reasons. */
  readonly senderLosses: readonly SenderLoss[];
  /** What the program noticed and a person should know. */
  readonly notices: readonly { readonly level: "info" | "warning" | "error"; readonly message: string }[];
}

/** A count of items, requests or rows that were not taken or not kept; zero counts are left out. */
export interface Loss {
  readonly stage: "receiver" | "processor" | "exporter" | "store";
  /** Id of the component; '' for the store. */
  readonly component: string;
  /** '' where several signals are counted together. */
  readonly signal: string;
  /** "refused": the sender was told, and may send again. "dropped": gone. "set-aside": kept in a file for a person to look at. */
  readonly outcome: "refused" | "dropped" | "set-aside";
  /** A code of docs/diagnostics; "retention", "set-aside", or "processor-refused" where no error says more. */
  readonly reason: string;
  /** "keys": of attributes, left out of their catalogue; the items are kept. */
  readonly unit: "items" | "requests" | "rows" | "keys";
  readonly count: number;
}

export type SenderLoss = Pick<Sender, "service" | "peer" | "protocol" | "port" | "refusals">;

export interface HealthAnswer {
  readonly status: "alive";
  readonly uptimeMs: number;
}

/** 200 when ready, else 503. */
export interface ReadyAnswer {
  readonly status: "ready" | "not-ready";
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
  /** Received, safe on disk, and not in the database yet. */
  readonly pendingBytes: number;
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
