/** What sets of spans have in common and where they differ, asked of ClickHouse: one file a question. Start here. */
import type { Clock } from "../../../../base/clock.ts";
import type { SpanAnalysis } from "../../../span-analysis.ts";
import type { SpanFilter } from "../../../traces.ts";
import type { EmptyReason, Page, ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { checkWindow } from "../check-window.ts";
import { explainEmpty } from "../empty-reason.ts";
import { isFiltered } from "../query/span-conditions.ts";
import { compareSpans } from "./comparison.ts";
import { readExceptions } from "./exceptions.ts";
import { readSpanFields } from "./fields.ts";
import { readSpanGroups } from "./groups.ts";
import { readHeatmap } from "./heatmap.ts";
import { readStructure } from "./structure.ts";

export interface SpanAnalysisOptions {
  readonly clock: Clock;
  /** Age after which telemetry is dropped; 0: kept for ever. */
  readonly retentionMs: number;
}

export function createSpanAnalysis(client: ClickHouseClient, options: SpanAnalysisOptions): SpanAnalysis {
  const { clock, retentionMs } = options;
  const explain = (filter: SpanFilter, context: ReadContext): Promise<EmptyReason> => {
    const source = { client, noun: "spans", table: "otel_traces", retentionMs, nowMs: clock.now() } as const;
    const { window, service } = filter;
    return explainEmpty(source, { window, service, filtered: isFiltered(filter) }, context);
  };
  /** `found`, with the reason when it holds nothing. */
  const orWhy = async <T extends object>(
    found: T,
    isEmpty: boolean,
    filter: SpanFilter,
    context: ReadContext,
  ): Promise<T & { readonly empty?: EmptyReason }> =>
    isEmpty ? { ...found, empty: await explain(filter, context) } : found;
  const page = async <T>(found: Page<T>, filter: SpanFilter, context: ReadContext): Promise<Page<T>> =>
    orWhy(found, found.items.length === 0, filter, context);

  return {
    async spanGroups(filter, by, bounds, context) {
      checkWindow(filter.window);
      const found = await readSpanGroups(client, { filter, by, ...bounds }, context);
      return orWhy(found, found.groups.length === 0, filter, context);
    },
    async durationHeatmap(filter, steps, context) {
      checkWindow(filter.window);
      const found = await readHeatmap(client, filter, steps, context);
      return orWhy(found, found.step.length === 0, filter, context);
    },
    async compareSpans(filter, selection, context) {
      checkWindow(filter.window);
      const found = await compareSpans(client, filter, selection, context);
      return orWhy(found, found.selectionCount + found.baselineCount === 0, filter, context);
    },
    async traceStructure(filter, context) {
      checkWindow(filter.window);
      const found = await readStructure(client, filter, context);
      return orWhy(found, found.paths.length === 0, filter, context);
    },
    async exceptions(filter, steps, context) {
      checkWindow(filter.window);
      return page(await readExceptions(client, filter, steps, context), filter, context);
    },
    async spanFields(filter, context) {
      checkWindow(filter.window);
      return page(await readSpanFields(client, filter, context), filter, context);
    },
  };
}
