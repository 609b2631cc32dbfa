/** Paths about one trace. */
import type { Store } from "../../storage/store.ts";
import type { SpanDetail } from "../../storage/traces.ts";
import type { ReadContext } from "../../storage/window.ts";
import { checked, type PathParts, type Route } from "./answer.ts";
import { tracesData } from "./otlp-json.ts";
import type { Parameters } from "./parameters.ts";

const mostSpans = 200;
const mostOtlpSpans = 10_000;

export const traceRoutes: readonly Route[] = [
  {
    pattern: "/api/traces/{traceId}",
    answer: (store, p, context, path) => checked(p, store.trace.bind(store), traceId(p, path), context),
  },
  {
    pattern: "/api/traces/{traceId}/spans",
    answer: (store, p, context, path) =>
      checked(p, store.spans.bind(store), traceId(p, path), spanIds(p), context),
  },
  {
    pattern: "/api/traces/{traceId}/field",
    answer: (store, p, context, path) => {
      const [field] = p.fields("by", 1);
      if (field === undefined) p.problems.push(`"by" is missing: name the field to read`);
      return checked(
        p,
        store.traceField.bind(store),
        traceId(p, path),
        field ?? { field: "service" },
        context,
      );
    },
  },
  {
    pattern: "/api/traces/{traceId}/links",
    answer: (store, p, context, path) =>
      checked(p, store.linkingSpans.bind(store), traceId(p, path), context),
  },
  {
    pattern: "/api/traces/{traceId}/otlp",
    answer: (store, p, context, path) => {
      const ids = p.all("id").length === 0 ? undefined : spanIds(p);
      return checked(p, otlp, store, traceId(p, path), ids, context);
    },
  },
];

/** The named spans, else the first of the whole trace in its order. */
async function otlp(
  store: Store,
  id: string,
  ids: readonly string[] | undefined,
  context: ReadContext,
): Promise<unknown> {
  const wanted = ids ?? (await store.trace(id, context)).trace?.spanIds.slice(0, mostOtlpSpans) ?? [];
  const spans: SpanDetail[] = [];
  for (let at = 0; at < wanted.length; at += mostSpans) {
    spans.push(...(await store.spans(id, wanted.slice(at, at + mostSpans), context)));
  }
  return tracesData(spans);
}

function traceId(p: Parameters, path: PathParts): string {
  const id = (path["traceId"] ?? "").toLowerCase();
  if (!/^[0-9a-f]{1,32}$/.test(id))
    p.problems.push(`"${id}" is no trace id: must be 32 hexadecimal characters`);
  return id.padStart(32, "0");
}

function spanIds(p: Parameters): readonly string[] {
  const ids = p.all("id").map((id) => id.toLowerCase());
  if (ids.length === 0) p.problems.push(`"id" is missing: name the spans to read`);
  if (ids.length > mostSpans)
    p.problems.push(`${ids.length} spans asked for, at most ${mostSpans} a request`);
  for (const id of ids)
    if (!/^[0-9a-f]{16}$/.test(id))
      p.problems.push(`"${id}" is no span id: must be 16 hexadecimal characters`);
  return ids;
}
