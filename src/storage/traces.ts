/** Read interface for traces, services and the graph between them. All answers are plain JSON-safe values. */
import type { AttributeFilter, StoredAttribute } from "./attributes.ts";
import type { EmptyReason, Page, ReadContext, TimeWindow } from "./window.ts";

export type SpanKindName = "Unspecified" | "Internal" | "Server" | "Client" | "Producer" | "Consumer";
export type StatusCodeName = "Unset" | "Ok" | "Error";

/** Rate, errors, duration of a group of spans over a window. Durations are nanoseconds; 0 when there were none. */
export interface Red {
  readonly count: number;
  readonly errorCount: number;
  readonly p50Nano: number;
  readonly p95Nano: number;
  readonly p99Nano: number;
  /** Counts of equal steps over the window, first step first: spans and errors. */
  readonly countSeries: readonly number[];
  readonly errorSeries: readonly number[];
}

/** A version of a service, and the time of its first span in the window, Unix milliseconds. */
export interface Release {
  readonly version: string;
  readonly firstMs: number;
}

/**
 * One service over the window. RED counts entry spans (kind Server or Consumer, else root spans), so one request counts once.
 * A service that sent only logs or metrics is listed with zero counts.
 */
export interface ServiceSummary extends Red {
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  /** Versions that spans of the window name, in the order of their first spans; at most 10, the latest. Of very many spans a sample is read. */
  readonly releases: readonly Release[];
  /** telemetry.sdk.language, '' when unknown. */
  readonly language: string;
  /** telemetry.distro.name: what instrumented it, '' when it does not say. */
  readonly distro: string;
  /** Distinct service.instance.id (or process) values. */
  readonly instances: number;
  readonly spanCount: number;
  readonly logCount: number;
  readonly lastSeenMs: number;
}

export interface OperationSummary extends Red {
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKindName;
}

/** Calls from one service to another, or to something that sent no spans (a database, a queue, an unknown host). */
export interface GraphEdge {
  readonly client: string;
  readonly server: string;
  /** "service" when both ends send spans; else what the client's attributes say it is. */
  readonly serverKind: "service" | "database" | "messaging" | "external";
  readonly count: number;
  readonly errorCount: number;
  readonly p50Nano: number;
  readonly p95Nano: number;
}

export interface ServiceGraph {
  readonly edges: readonly GraphEdge[];
  /** Set when the window holds too many spans to join all: calls were counted in so many of them, and their numbers scaled up. */
  readonly sample?: { readonly spansRead: number; readonly spanCount: number };
  readonly empty?: EmptyReason;
}

/**
 * Which spans count. "entry": where a request enters a service (kind Server or Consumer, else roots); "database": with db.system.name
 * or its older name.
 */
export type SpanPart = "all" | "entry" | "root" | "server" | "client" | "consumer" | "database";

/** A set of spans; all that is given must hold. */
export interface SpanFilter {
  readonly window: TimeWindow;
  /** Absent: all. */
  readonly spans?: SpanPart;
  readonly service?: string;
  readonly operation?: string;
  readonly minDurationNano?: number;
  readonly maxDurationNano?: number;
  readonly status?: StatusCodeName;
  readonly attributes?: readonly AttributeFilter[];
  /** Words looked for in span names, status messages and attribute values, ignoring case. */
  readonly text?: string;
}

/** What a span is grouped by or shown with: a field of its own, or an attribute (`scope` absent: of the span, else resource, else scope). */
export type SpanField =
  | { readonly field: "service" | "name" | "kind" | "status" }
  | { readonly scope?: "span" | "resource" | "scope"; readonly key: string };

export interface TraceSearch extends SpanFilter {
  readonly order: "newest" | "slowest";
  /** At most 1,000. */
  readonly limit: number;
  /** Fields of the matched span to list with each trace; at most 20. */
  readonly columns?: readonly SpanField[];
}

/** One found trace. The span that matched is named; a trace that matches by several spans is listed once. */
export interface TraceSummary {
  readonly traceId: string;
  /** Root span's service and name; of the earliest span when the root is missing. */
  readonly rootService: string;
  readonly rootName: string;
  readonly rootMissing: boolean;
  readonly startUnixNano: string;
  readonly durationNano: number;
  readonly spanCount: number;
  readonly errorCount: number;
  /** Spans by service, most first. */
  readonly services: readonly { readonly name: string; readonly spanCount: number }[];
  readonly matchedSpanId: string;
  /** Values of the columns asked for, in their order; '' where the matched span lacks one. */
  readonly columnValues: readonly string[];
}

/**
 * A trace as columns in preorder (a parent before its children, siblings by start time); index i is one span in every column.
 * Made for 100k spans: no objects per row, attributes are asked for apart. Cycles and missing parents are resolved: such spans are roots.
 */
export interface TraceSkeleton {
  readonly traceId: string;
  /** Start of the earliest span, Unix nanoseconds. */
  readonly startUnixNano: string;
  readonly durationNano: number;
  readonly spanIds: readonly string[];
  /** Index of the parent, -1 for a root; always smaller than the own index. */
  readonly parents: readonly number[];
  /** Offset from startUnixNano and duration, nanoseconds. */
  readonly starts: readonly number[];
  readonly durations: readonly number[];
  /** Index into `names`, `services`. */
  readonly name: readonly number[];
  readonly service: readonly number[];
  /** 0 to 5, in the order of SpanKindName. */
  readonly kind: readonly number[];
  /** 0 Unset, 1 Ok, 2 Error. */
  readonly status: readonly number[];
  /** Bits: 1 has a parent id that was not found, 2 has events, 4 has links, 8 has logs. */
  readonly flags: readonly number[];
  readonly names: readonly string[];
  readonly services: readonly string[];
  /** Spans that exist but are not in these columns (over the limit); 0 normally. */
  readonly omitted: number;
}

export interface StoredEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly StoredAttribute[];
}

export interface StoredLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly StoredAttribute[];
}

/** All that is known of one span. */
export interface SpanDetail {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly service: string;
  readonly startUnixNano: string;
  readonly durationNano: number;
  readonly status: StatusCodeName;
  readonly statusMessage: string;
  readonly attributes: readonly StoredAttribute[];
  readonly resource: readonly StoredAttribute[];
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: readonly StoredAttribute[];
  readonly events: readonly StoredEvent[];
  readonly links: readonly StoredLink[];
}

/** A trace that was found, or why it was not. */
export interface TraceAnswer {
  readonly trace?: TraceSkeleton;
  readonly empty?: EmptyReason;
}

/** A field over the spans of one trace that have it. */
export interface TraceField {
  /** Distinct values, the most frequent first; longer ones cut to 200 characters. */
  readonly values: readonly string[];
  readonly spanIds: readonly string[];
  /** Index into `values` for each of `spanIds`. */
  readonly value: readonly number[];
}

/** A span of another trace with a link into the trace that was asked about. */
export interface LinkingSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly service: string;
  readonly name: string;
  readonly startUnixNano: string;
  readonly durationNano: number;
  readonly status: StatusCodeName;
  /** The span linked to. */
  readonly linkedSpanId: string;
}

export interface TraceReader {
  /** Services seen in the window by any signal, sorted by name. `steps` is the length of the series. */
  services(window: TimeWindow, steps: number, context: ReadContext): Promise<Page<ServiceSummary>>;
  /** Operations of one service (all services when undefined), most calls first; at most 1,000. */
  operations(
    window: TimeWindow,
    service: string | undefined,
    steps: number,
    context: ReadContext,
  ): Promise<Page<OperationSummary>>;
  serviceGraph(window: TimeWindow, context: ReadContext): Promise<ServiceGraph>;
  searchTraces(search: TraceSearch, context: ReadContext): Promise<Page<TraceSummary>>;
  /** The whole trace, wherever in time it lies. `traceId`: 32 lower-case hex characters. */
  trace(traceId: string, context: ReadContext): Promise<TraceAnswer>;
  /** Details of at most 200 spans of a trace, in the order asked for; unknown ids are left out. */
  spans(traceId: string, spanIds: readonly string[], context: ReadContext): Promise<readonly SpanDetail[]>;
  /** A field of all spans of a trace. */
  traceField(traceId: string, field: SpanField, context: ReadContext): Promise<TraceField>;
  /** Spans that link into the trace from others, begun within a day before its start to a day after its end; the earliest 200. */
  linkingSpans(traceId: string, context: ReadContext): Promise<Page<LinkingSpan>>;
}
