/** Which stretches of a long window stand for it, so that calls of millions of spans need not all be joined. */
import type { ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { newestOf, spansOverTime, type Stretch } from "./span-source/spans-over-time.ts";

/** Joined whole, this many spans take about a second. */
const manySpans = 1_500_000;
/** One stretch ends at the newest span, one at the middle of all: what changed meanwhile is seen, and each costs a few granules an operation. */
const stretchEnds = [0, 0.5];
const spansOfStretch = 150_000;

export interface GraphSample {
  readonly stretches: readonly TimeWindow[];
  readonly spansRead: number;
  readonly spanCount: number;
}

/** Undefined when the window holds few enough spans to join all. */
export async function chooseStretches(
  client: ClickHouseClient,
  window: TimeWindow,
  context: ReadContext,
  /** For tests. */
  many: number = manySpans,
  perStretch: number = spansOfStretch,
): Promise<GraphSample | undefined> {
  const spread = await spansOverTime(client, { window }, context);
  const spanCount = spread.reduce((sum, { spans }) => sum + spans, 0);
  if (spanCount < many) return undefined;
  const stretches: Stretch[] = [];
  for (const end of stretchEnds) {
    const before = behind(spread, spanCount * end, stretches.at(-1));
    if (before.length > 0) stretches.push(newestOf(before, perStretch));
  }
  return { stretches, spansRead: stretches.reduce((sum, { spans }) => sum + spans, 0), spanCount };
}

/** Those older than the newest `spans`, and than the stretch that was chosen last. */
function behind(spread: readonly Stretch[], spans: number, chosen: Stretch | undefined): readonly Stretch[] {
  let newer = 0;
  return spread.filter((stretch) => {
    const isOlder = newer >= spans && (chosen === undefined || stretch.endMs <= chosen.startMs);
    newer += stretch.spans;
    return isOlder;
  });
}
