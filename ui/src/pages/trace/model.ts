/** What the trace page derives from its skeleton and details. Pure. */
import type { SpanDetail, StoredAttribute, TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import type { SpanTree } from "../../panels/waterfall/tree.ts";

/** Index of the span with this id; -1 when it is not in the trace. */
export function indexOfSpan(skeleton: TraceSkeleton, spanId: string): number {
  return spanId === "" ? -1 : skeleton.spanIds.indexOf(spanId);
}

/** The trace's own columns as one JSON text of spans, for the clipboard; at most `limit` spans. */
export function traceJson(tree: SpanTree, limit: number): string {
  const { skeleton } = tree;
  const spans = skeleton.spanIds.slice(0, limit).map((spanId, i) => ({
    spanId,
    parentSpanId: tree.parents[i]! >= 0 ? skeleton.spanIds[tree.parents[i]!] : "",
    service: skeleton.services[skeleton.service[i]!],
    name: skeleton.names[skeleton.name[i]!],
    startOffsetNano: tree.starts[i],
    durationNano: tree.durations[i],
    isError: skeleton.status[i] === 2,
  }));
  return JSON.stringify(
    { traceId: skeleton.traceId, startUnixNano: skeleton.startUnixNano, spanCount: tree.count, spans },
    null,
    2,
  );
}

export interface ExceptionEvent {
  readonly type: string;
  readonly message: string;
  readonly stacktrace: string;
}

/** The exception that an event records, by the semantic conventions; undefined for other events. */
export function exceptionOf(attributes: readonly StoredAttribute[]): ExceptionEvent | undefined {
  const value = (key: string): string => attributes.find((attribute) => attribute.key === key)?.value ?? "";
  const exception = {
    type: value("exception.type"),
    message: value("exception.message"),
    stacktrace: value("exception.stacktrace"),
  };
  return exception.type === "" && exception.message === "" ? undefined : exception;
}

/** Nanoseconds from the span's start to the event; exact, as both are whole numbers of text. */
export function eventOffset(span: SpanDetail, eventUnixNano: string): number {
  return Number(BigInt(eventUnixNano) - BigInt(span.startUnixNano));
}

/** Self time: the part of a span that no direct child covers, nanoseconds. Children may overlap and outlast their parent. */
export function selfTime(tree: SpanTree, index: number): number {
  const start = tree.starts[index]!;
  const end = start + tree.durations[index]!;
  let covered = 0;
  let reached = start;
  // Children come in order of start: one sweep finds the union of their stretches.
  for (let i = index + 1; i < index + tree.size[index]!; i += tree.size[i]!) {
    const from = Math.max(reached, tree.starts[i]!);
    const to = Math.min(end, tree.starts[i]! + tree.durations[i]!);
    if (to > from) {
      covered += to - from;
      reached = to;
    }
  }
  return Math.max(0, end - start - covered);
}

/** Where the API gives the trace, or one span of it, as OTLP/JSON. `base`: address of the page's folder. */
export function otlpAddress(base: string, traceId: string, spanId = ""): string {
  const url = new URL(`api/traces/${traceId}/otlp`, base);
  if (spanId !== "") url.searchParams.set("id", spanId);
  return url.toString();
}

/** Fetches the trace as OTLP/JSON and sends it to another receiver. */
export function replayCommand(base: string, traceId: string): string {
  const address = otlpAddress(base, traceId);
  return `curl -s '${address}' | curl -X POST -H 'content-type: application/json' --data-binary @- http://localhost:4318/v1/traces`;
}
