/**
 * Read interface for what sets of spans have in common and where they differ: rate, errors and duration by any attribute, the heat map of
 * durations, comparison of two sets, the merged call tree, exceptions. All counts are of the whole set unless an answer says how many were read.
 */
import type { SpanField, SpanFilter, SpanKindName, StatusCodeName } from "./traces.ts";
import type { EmptyReason, Page, ReadContext } from "./window.ts";

/** Spans with one value of a field. Durations are nanoseconds. */
export interface SpanGroup {
  /** '' for spans that lack the field, and for the only group when none was asked for. */
  readonly value: string;
  readonly count: number;
  readonly errorCount: number;
  readonly p50Nano: number;
  readonly p90Nano: number;
  readonly p99Nano: number;
  readonly countSeries: readonly number[];
  readonly errorSeries: readonly number[];
  /** null where there were no spans. */
  readonly p90Series: readonly (number | null)[];
}

export interface SpanGroups {
  readonly startMs: number;
  readonly stepMs: number;
  /** Most spans first. */
  readonly groups: readonly SpanGroup[];
  /** Groups beyond the limit, and the spans in them. */
  readonly omittedGroups: number;
  readonly omittedSpans: number;
  readonly empty?: EmptyReason;
}

/** Spans by time and duration. Row r holds durations in [2^(r/2), 2^((r+1)/2)) nanoseconds; row 0 also what is shorter. */
export interface DurationHeatmap {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
  /** Cells with spans; equal lengths. */
  readonly step: readonly number[];
  readonly row: readonly number[];
  readonly count: readonly number[];
  readonly errorCount: readonly number[];
  readonly empty?: EmptyReason;
}

/** Part of a set of spans: those that also fulfil all of this. */
export interface SpanSelection {
  readonly startMs?: number;
  readonly endMs?: number;
  readonly minDurationNano?: number;
  readonly maxDurationNano?: number;
  readonly status?: StatusCodeName;
}

/** How often a field has its values within the selection and outside of it. */
export interface FieldDifference {
  /** '' for a field of the span itself. */
  readonly scope: "" | "span" | "resource";
  readonly key: string;
  /** Largest difference of one value's share, 0 to 1. */
  readonly difference: number;
  /** Values by difference of share, largest first; at most 10. */
  readonly values: readonly {
    readonly value: string;
    readonly selectionCount: number;
    readonly baselineCount: number;
  }[];
  /** Values beyond those listed. */
  readonly omittedValues: number;
}

export interface SpanComparison {
  readonly selectionCount: number;
  readonly baselineCount: number;
  /** Spans whose attributes were counted: all, or an even sample of each side. */
  readonly selectionRead: number;
  readonly baselineRead: number;
  /** By difference, largest first; at most 100. */
  readonly fields: readonly FieldDifference[];
  readonly empty?: EmptyReason;
}

/** One way of calls, merged from all traces that went it. */
export interface CallPath {
  /** Index of the caller, -1 for roots; always smaller than the own index. */
  readonly parent: number;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly traceCount: number;
  readonly spanCount: number;
  readonly errorCount: number;
  /** Sum over the spans, and the part of it that no child covers. */
  readonly totalNano: number;
  readonly selfNano: number;
  /** A span of the longest duration. */
  readonly slowestTraceId: string;
  readonly slowestSpanId: string;
}

/** The call trees of the traces that hold the filtered spans, merged by service, name and kind of each step. In preorder. */
export interface TraceStructure {
  readonly paths: readonly CallPath[];
  /** Traces that hold filtered spans, and how many of them were read: an even sample when there are more than 500. */
  readonly traceCount: number;
  readonly tracesRead: number;
  readonly spansRead: number;
  /** Spans read that are in no path: there were over 3,000 paths. */
  readonly omittedSpans: number;
  readonly empty?: EmptyReason;
}

/** Exceptions of one service, type and message, in which numbers and ids are read as "#". */
export interface ExceptionGroup {
  readonly service: string;
  /** '' for failed spans that recorded no exception: then `message` is their status message. */
  readonly type: string;
  readonly message: string;
  readonly count: number;
  readonly traceCount: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly countSeries: readonly number[];
  /** The latest: its message as recorded, its stack and where it happened. */
  readonly exampleMessage: string;
  readonly stacktrace: string;
  readonly traceId: string;
  readonly spanId: string;
}

/** An attribute that spans of a set have. */
export interface FieldUse {
  readonly scope: "span" | "resource";
  readonly key: string;
  /** Share of the spans that have it, 0 to 1, and one of its values. */
  readonly share: number;
  readonly example: string;
}

export interface SpanAnalysis {
  /** `steps` at most 1,000; `limit` groups, at most 100. */
  spanGroups(
    filter: SpanFilter,
    by: SpanField | undefined,
    bounds: { readonly steps: number; readonly limit: number },
    context: ReadContext,
  ): Promise<SpanGroups>;
  durationHeatmap(filter: SpanFilter, steps: number, context: ReadContext): Promise<DurationHeatmap>;
  /** The selected spans of the filter against its other spans. */
  compareSpans(filter: SpanFilter, selection: SpanSelection, context: ReadContext): Promise<SpanComparison>;
  traceStructure(filter: SpanFilter, context: ReadContext): Promise<TraceStructure>;
  /** Exceptions recorded by the filtered spans, and failures without one; most first, at most 200 groups. */
  exceptions(filter: SpanFilter, steps: number, context: ReadContext): Promise<Page<ExceptionGroup>>;
  /** Attributes of the filtered spans, by how many have them; read from at most 20,000 spans. At most 500. */
  spanFields(filter: SpanFilter, context: ReadContext): Promise<Page<FieldUse>>;
}
