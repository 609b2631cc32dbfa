/** The selected spans of a set against the others: each field by how differently its values are spread. */
import type { FieldDifference, SpanComparison, SpanSelection } from "../../../span-analysis.ts";
import type { SpanFilter } from "../../../traces.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { ofTenant, time, toNano } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { durationConditions, spanConditions } from "../query/span-conditions.ts";
import { and, select, sql, type Expression } from "../sql/ast.ts";

/** Spans of each side whose attributes are counted; of more, an even sample. */
const maxRead = 50_000;
const maxFields = 100;
const maxValues = 10;
const maxValueLength = 300;

export async function compareSpans(
  client: ClickHouseClient,
  filter: SpanFilter,
  selection: SpanSelection,
  context: ReadContext,
): Promise<SpanComparison> {
  const conditions = [ofTenant(context), ...spanConditions(filter)];
  const selected = selectionCondition(selection);
  const counts = await read(
    client,
    select({ Selected: sql`toFloat64(countIf(${selected}))`, Spans: sql`toFloat64(count())` })
      .from("otel_traces")
      .where(...conditions),
    context,
    "compare spans",
  );
  const selectionCount = counts.number("Selected");
  const baselineCount = counts.number("Spans") - selectionCount;
  const none = { selectionCount, baselineCount, selectionRead: 0, baselineRead: 0, fields: [] };
  if (selectionCount === 0 || baselineCount === 0) return none;
  const share = (count: number): bigint => BigInt(Math.max(1, Math.ceil(count / maxRead)));
  const sampled = sql`cityHash64(TraceId, SpanId) % if(${selected}, ${share(selectionCount)}, ${share(baselineCount)}) = 0`;
  const spans = select({
    Chosen: sql`${selected}`,
    Field: fieldsOfSpan,
  })
    .from("otel_traces")
    .where(...conditions, sampled);
  const values = select({
    Scope: sql`Field.1`,
    Name: sql`Field.2`,
    Value: sql`Field.3`,
    InSelection: sql`countIf(Chosen)`,
    InBaseline: sql`countIf(NOT Chosen)`,
  })
    .from(spans)
    .groupBy(sql`Scope`, sql`Name`, sql`Value`);
  // The field without a name stands once for each span: it counts both sides.
  const totals = await read(
    client,
    select({ Selected: sql`toFloat64(countIf(${selected}))`, Spans: sql`toFloat64(count())` })
      .from("otel_traces")
      .where(...conditions, sampled),
    context,
    "compare spans",
  );
  const selectionRead = totals.number("Selected");
  const baselineRead = totals.number("Spans") - selectionRead;
  if (selectionRead === 0 || baselineRead === 0) return { ...none, selectionRead, baselineRead };
  const difference = sql`abs(InSelection / ${selectionRead} - InBaseline / ${baselineRead})`;
  const table = await read(
    client,
    select({
      Scope: sql`Scope`,
      Name: sql`Name`,
      Difference: sql`max(${difference})`,
      Distinct: sql`toFloat64(count())`,
      Top: sql`arraySlice(arraySort(one -> (-one.1, one.2), groupArray((${difference}, Value, toFloat64(InSelection), toFloat64(InBaseline)))), 1, ${maxValues})`,
      Values: sql`arrayMap(one -> one.2, Top)`,
      Selected: sql`arrayMap(one -> one.3, Top)`,
      Baseline: sql`arrayMap(one -> one.4, Top)`,
    })
      .from(values)
      .groupBy(sql`Scope`, sql`Name`)
      .orderBy(sql`Difference DESC`, sql`Scope`, sql`Name`)
      .limit(maxFields),
    context,
    "compare spans",
  );
  return {
    selectionCount,
    baselineCount,
    selectionRead,
    baselineRead,
    fields: table.strings("Name").map((_, row) => differenceAt(table, row)),
  };
}

const fieldsOfSpan: Expression = sql`arrayJoin(arrayConcat(arrayMap((key, value) -> ('span', toString(key), substring(value, 1, ${maxValueLength})), mapKeys(SpanAttributes), mapValues(SpanAttributes)), arrayMap((key, value) -> ('resource', toString(key), substring(value, 1, ${maxValueLength})), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)), [('', 'service', toString(ServiceName)), ('', 'name', toString(SpanName)), ('', 'kind', toString(SpanKind)), ('', 'status', toString(StatusCode))]))`;

function selectionCondition(selection: SpanSelection): Expression {
  const { startMs, endMs, minDurationNano, maxDurationNano, status } = selection;
  const conditions = durationConditions(minDurationNano, maxDurationNano);
  if (startMs !== undefined) conditions.push(sql`Timestamp >= ${time(toNano(startMs))}`);
  if (endMs !== undefined) conditions.push(sql`Timestamp < ${time(toNano(endMs))}`);
  if (status !== undefined) conditions.push(sql`StatusCode = ${status}`);
  return and(...conditions);
}

function differenceAt(table: ColumnTable, row: number): FieldDifference {
  const values = table.stringLists("Values")[row] ?? [];
  const scope = table.strings("Scope")[row];
  return {
    scope: scope === "span" || scope === "resource" ? scope : "",
    key: table.strings("Name")[row] ?? "",
    difference: table.numbers("Difference")[row] ?? 0,
    values: values.map((value, index) => ({
      value,
      selectionCount: table.numberLists("Selected")[row]?.[index] ?? 0,
      baselineCount: table.numberLists("Baseline")[row]?.[index] ?? 0,
    })),
    omittedValues: Math.max(0, (table.numbers("Distinct")[row] ?? 0) - values.length),
  };
}
