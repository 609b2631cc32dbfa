import { useQueryClient } from "@tanstack/react-query";
import type { WindowParameters } from "../../client/queries.ts";
import { findTypicalTrace } from "../../client/typical-trace.ts";
import { useGo } from "../../url/location.ts";
import type { PageSearch } from "../../url/pages.ts";

/** What a point of a chart of spans leads to. */
export interface SpansOfPoint {
  /** As the list of traces asks; the window is that of the point. */
  readonly parameters: Omit<WindowParameters, "from" | "to">;
  /** The same as filters of the traces page, which says why when no trace is there. */
  readonly search: Partial<PageSearch["traces"]>;
  /** Share of the durations below that of the trace: 0.5 for the middle one. */
  readonly rank: number;
}

export const showsTypical = "shows a typical trace";

/** Opens the trace that is typical of a stretch of time. */
export function useTypicalTrace(): (of: SpansOfPoint, startMs: number, endMs: number) => void {
  const client = useQueryClient();
  const go = useGo();
  return ({ parameters, search, rank }, startMs, endMs) => {
    const window = { from: String(Math.floor(startMs)), to: String(Math.ceil(endMs)) };
    void findTypicalTrace(client, { ...parameters, ...window }, rank)
      .catch(() => undefined)
      .then((trace) => {
        if (trace === undefined) go("traces", { ...search, ...window });
        else go("trace", { id: trace.traceId, span: trace.matchedSpanId });
      });
  };
}
