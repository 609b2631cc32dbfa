import { useMemo, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { traceFieldQuery } from "../../client/span-queries.ts";
import { formatDuration, plural } from "../../design/format.ts";
import { ServiceGraphPanel } from "../../panels/graph/service-graph.tsx";
import type { SpanTree } from "../../panels/waterfall/tree.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { callsOf } from "./trace-graph-model.ts";

/** The services of one trace and what they called. Selecting one makes it the search, so that it is found in the other views too. */
export function TraceGraph(props: { readonly tree: SpanTree }): ReactElement {
  const { tree } = props;
  const { text } = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const { traceId } = tree.skeleton;
  const system = useQuery(traceFieldQuery(traceId, "span.db.system.name"));
  const formerSystem = useQuery(traceFieldQuery(traceId, "span.db.system"));
  const calls = useMemo(
    () =>
      callsOf(
        tree,
        [system.data, formerSystem.data].filter((field) => field !== undefined),
      ),
    [tree, system.data, formerSystem.data],
  );
  const nodes = useMemo(
    () =>
      new Map(
        [...calls.services].map(([name, { spans, errors, selfNano }]) => [
          name,
          {
            text: `${plural(spans, "span")}, ${formatDuration(selfNano)}`,
            errorShare: errors / Math.max(1, spans),
          },
        ]),
      ),
    [calls],
  );
  return (
    <ServiceGraphPanel
      title="Calls of the trace"
      hint="Each service with its spans and the time they took themselves; each call with how often and how long."
      amountName="Calls"
      nodes={nodes}
      edges={calls.edges}
      figuresOf={(edge) => ({
        amount: plural(edge.count, "call"),
        duration: `${edge.count > 1 ? "p95 " : ""}${formatDuration(edge.p95Nano)}`,
        weight: edge.count,
      })}
      selected={calls.services.has(text) ? text : ""}
      onSelect={(service) => adjust({ text: service })}
      onEdge={(edge) =>
        adjust({ text: edge.serverKind === "service" ? edge.server : edge.client, view: "spans" })
      }
    />
  );
}
