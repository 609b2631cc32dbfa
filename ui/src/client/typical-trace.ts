/** The one trace that stands for many. */
import type { QueryClient } from "@tanstack/react-query";
import type { TraceSummary } from "../../../src/api/explore/wire.ts";
import { tracesQuery, type WindowParameters } from "./queries.ts";

/** So many of the newest that match are looked at. */
const mostLookedAt = 200;

/** Of `traces` the one whose duration has the share `rank` (0 to 1) of the others below it; undefined of none. */
export function traceAtRank(traces: readonly TraceSummary[], rank: number): TraceSummary | undefined {
  const rising = traces.toSorted((a, b) => a.durationNano - b.durationNano);
  return rising[Math.min(rising.length - 1, Math.floor(rank * rising.length))];
}

/** `parameters` as those of the list of traces. */
export async function findTypicalTrace(
  client: QueryClient,
  parameters: WindowParameters,
  rank: number,
): Promise<TraceSummary | undefined> {
  const found = await client.fetchQuery({
    ...tracesQuery({ ...parameters, order: "newest", limit: mostLookedAt }),
    staleTime: Infinity,
  });
  return traceAtRank(found.items, rank);
}
