import type { FieldUse } from "../../../span-analysis.ts";
import type { SpanFilter } from "../../../traces.ts";
import type { Page, ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { spanConditions } from "../query/span-conditions.ts";
import { select, sql } from "../sql/ast.ts";

const maxSpans = 20_000;
const maxFields = 500;

export async function readSpanFields(
  client: ClickHouseClient,
  filter: SpanFilter,
  context: ReadContext,
): Promise<Page<FieldUse>> {
  const spans = select({ SpanAttributes: sql`SpanAttributes`, ResourceAttributes: sql`ResourceAttributes` })
    .from("otel_traces")
    .where(ofTenant(context), ...spanConditions(filter))
    .limit(maxSpans);
  const attributes = select({
    Attribute: sql`arrayJoin(arrayConcat(arrayMap((key, value) -> ('span', toString(key), substring(value, 1, 200)), mapKeys(SpanAttributes), mapValues(SpanAttributes)), arrayMap((key, value) -> ('resource', toString(key), substring(value, 1, 200)), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)), [('', '', '')]))`,
  }).from(spans);
  // The entry without a key stands once for each span: it counts them.
  const table = await read(
    client,
    select({
      Scope: sql`Attribute.1`,
      Name: sql`Attribute.2`,
      Spans: sql`toFloat64(count())`,
      Example: sql`min(Attribute.3)`,
    })
      .from(attributes)
      .groupBy(sql`Scope`, sql`Name`)
      .orderBy(sql`Name = '' DESC`, sql`Spans DESC`, sql`Scope DESC`, sql`Name`)
      .limit(maxFields + 2),
    context,
    "list the attributes of spans",
  );
  const spansRead = table.numbers("Spans")[0] ?? 0;
  const items = table.strings("Name").flatMap((key, row): FieldUse[] => {
    const scope = table.strings("Scope")[row];
    if (scope !== "span" && scope !== "resource") return [];
    const share = (table.numbers("Spans")[row] ?? 0) / Math.max(1, spansRead);
    return [{ scope, key, share, example: table.strings("Example")[row] ?? "" }];
  });
  return { items: items.slice(0, maxFields), truncated: items.length > maxFields };
}
