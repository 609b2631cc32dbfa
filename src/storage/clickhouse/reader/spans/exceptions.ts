/** Exceptions in groups, counted over all filtered spans; failures that recorded none stand by their status message. */
import type { ExceptionGroup } from "../../../span-analysis.ts";
import type { SpanFilter } from "../../../traces.ts";
import type { Page, ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { spanConditions } from "../query/span-conditions.ts";
import { select, sql } from "../sql/ast.ts";
import { seriesOf, stepsOf, type Steps } from "../query/steps.ts";

const maxGroups = 200;

export async function readExceptions(
  client: ClickHouseClient,
  filter: SpanFilter,
  stepCount: number,
  context: ReadContext,
): Promise<Page<ExceptionGroup>> {
  const steps = stepsOf(filter.window, stepCount);
  const occurrences = select({
    ServiceName: sql`ServiceName`,
    TraceId: sql`TraceId`,
    SpanId: sql`SpanId`,
    Timestamp: sql`Timestamp`,
    // (type, message, stack) of each exception event; of a failed span without one, its status message.
    Raised: sql`arrayFilter(one -> one.1 != '' OR one.2 != '', arrayMap(one -> (one['exception.type'], one['exception.message'], one['exception.stacktrace']), arrayFilter((one, name) -> name = 'exception', \`Events.Attributes\`, \`Events.Name\`)))`,
    Failure: sql`arrayJoin(if(empty(Raised), if(StatusCode = 'Error', [('', StatusMessage, '')], []), Raised))`,
  })
    .from("otel_traces")
    .where(
      ofTenant(context),
      ...spanConditions(filter),
      sql`StatusCode = 'Error' OR has(\`Events.Name\`, 'exception')`,
    );
  const bySteps = select({
    Service: sql`ServiceName`,
    Type: sql`Failure.1`,
    // Ids and numbers vary where the failure is the same.
    Message: sql`replaceRegexpAll(substring(Failure.2, 1, 1000), '[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|0x[0-9a-fA-F]+|[0-9]+', '#')`,
    Step: steps.index,
    StepCount: sql`count()`,
    Traces: sql`uniqState(TraceId)`,
    First: sql`min(Timestamp)`,
    Last: sql`max(Timestamp)`,
    Latest: sql`argMax((substring(Failure.2, 1, 4000), substring(Failure.3, 1, 20000), TraceId, SpanId), Timestamp)`,
  })
    .from(occurrences)
    .groupBy(sql`Service`, sql`Type`, sql`Message`, sql`Step`);
  const table = await read(
    client,
    select({
      Service: sql`toString(Service)`,
      Type: sql`Type`,
      Message: sql`Message`,
      Occurrences: sql`toFloat64(sum(StepCount))`,
      TraceCount: sql`toFloat64(uniqMerge(Traces))`,
      FirstMs: sql`toFloat64(toUnixTimestamp64Milli(toDateTime64(min(First), 3)))`,
      LastMs: sql`toFloat64(toUnixTimestamp64Milli(toDateTime64(max(Last), 3)))`,
      Steps: sql`groupArray(Step)`,
      Series: sql`groupArray(toFloat64(StepCount))`,
      Example: sql`argMax(Latest, Last)`,
      ExampleMessage: sql`Example.1`,
      Stack: sql`Example.2`,
      InTrace: sql`Example.3`,
      InSpan: sql`Example.4`,
    })
      .from(bySteps)
      .groupBy(sql`Service`, sql`Type`, sql`Message`)
      .orderBy(sql`Occurrences DESC`, sql`Service`, sql`Type`, sql`Message`)
      .limit(maxGroups + 1),
    context,
    "read exceptions",
  );
  const items = table.strings("Type").map((_, row) => groupAt(table, row, steps));
  return { items: items.slice(0, maxGroups), truncated: items.length > maxGroups };
}

function groupAt(table: ColumnTable, row: number, steps: Steps): ExceptionGroup {
  const text = (name: string): string => table.strings(name)[row] ?? "";
  const number = (name: string): number => table.numbers(name)[row] ?? 0;
  return {
    service: text("Service"),
    type: text("Type"),
    message: text("Message"),
    count: number("Occurrences"),
    traceCount: number("TraceCount"),
    firstMs: number("FirstMs"),
    lastMs: number("LastMs"),
    countSeries: seriesOf(
      steps.count,
      table.numberLists("Steps")[row] ?? [],
      table.numberLists("Series")[row] ?? [],
    ),
    exampleMessage: text("ExampleMessage"),
    stacktrace: text("Stack"),
    traceId: text("InTrace"),
    spanId: text("InSpan"),
  };
}
