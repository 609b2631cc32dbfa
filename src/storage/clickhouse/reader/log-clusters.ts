/** Log records in the whole: clusters of similar bodies, and attributes with their values. */
import { mergePatterns, patternChars, variableMark, variableWord } from "../../log-patterns.ts";
import {
  severityClasses,
  type LogField,
  type LogFields,
  type LogPatterns,
  type LogSearch,
} from "../../logs.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ofTenant } from "./query/conditions.ts";
import { logConditions, severityClass } from "./logs.ts";
import { read } from "./query/read.ts";
import { select, sql } from "./sql/ast.ts";

/** Templates that are compared with each other; rarer ones are left out. */
const mostTemplates = 3000;
const mostPatterns = 300;
const mostFieldRecords = 100_000;
const mostFields = 200;
const mostValues = 8;
const valueChars = 300;

export async function readLogPatterns(
  client: ClickHouseClient,
  search: LogSearch,
  context: ReadContext,
): Promise<LogPatterns> {
  const where = [ofTenant(context), ...logConditions(search)];
  const templates = select({
    Template: sql`replaceRegexpAll(leftUTF8(Body, ${patternChars}), ${variableWord}, ${variableMark})`,
    Records: sql`toFloat64(count())`,
    // One flag a class, added up place by place.
    Severities: sql`sumForEach(arrayMap(class -> toFloat64(${severityClass} = class), range(${severityClasses.length})))`,
    Services: sql`arraySort(groupUniqArray(5)(toString(ServiceName)))`,
    Example: sql`argMax(leftUTF8(Body, 2000), Timestamp)`,
    First: sql`toFloat64(toUnixTimestamp64Milli(min(Timestamp)))`,
    Last: sql`toFloat64(toUnixTimestamp64Milli(max(Timestamp)))`,
  })
    .from("otel_logs")
    .where(...where)
    .groupBy(sql`Template`)
    .orderBy(sql`Records DESC`, sql`Template`)
    .limit(mostTemplates);
  const whole = select({ Records: sql`toFloat64(count())` })
    .from("otel_logs")
    .where(...where);
  const [table, count] = await Promise.all([
    read(client, templates, context, "cluster logs"),
    read(client, whole, context, "count logs"),
  ]);
  const records = table.numbers("Records");
  const found = table.strings("Template").map((template, row) => ({
    template,
    count: records[row] ?? 0,
    severities: table.numberLists("Severities")[row] ?? [],
    services: table.stringLists("Services")[row] ?? [],
    example: table.strings("Example")[row] ?? "",
    firstMs: table.numbers("First")[row] ?? 0,
    lastMs: table.numbers("Last")[row] ?? 0,
  }));
  return { patterns: mergePatterns(found, mostPatterns), total: count.numbers("Records")[0] ?? 0 };
}

export async function readLogFields(
  client: ClickHouseClient,
  search: LogSearch,
  context: ReadContext,
): Promise<LogFields> {
  const newest = select({ LogAttributes: sql`LogAttributes`, ResourceAttributes: sql`ResourceAttributes` })
    .from("otel_logs")
    .where(ofTenant(context), ...logConditions(search))
    .orderBy(sql`Timestamp DESC`)
    .limit(mostFieldRecords);
  const pairs = select({
    Pair: sql`arrayJoin(arrayConcat(
      arrayMap((k, v) -> ('log', toString(k), leftUTF8(toString(v), ${valueChars})), mapKeys(LogAttributes), mapValues(LogAttributes)),
      arrayMap((k, v) -> ('resource', toString(k), leftUTF8(toString(v), ${valueChars})), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))))`,
  }).from(newest);
  const values = select({
    Scope: sql`tupleElement(Pair, 1)`,
    Key: sql`tupleElement(Pair, 2)`,
    Text: sql`tupleElement(Pair, 3)`,
    Records: sql`count()`,
  })
    .from(pairs)
    .groupBy(sql`Scope`, sql`Key`, sql`Text`);
  const top = sql`arraySlice(arrayReverseSort(groupArray((Records, Text))), 1, ${mostValues})`;
  const fields = select({
    Scope: sql`Scope`,
    Key: sql`Key`,
    Count: sql`toFloat64(sum(Records))`,
    Distinct: sql`toFloat64(count())`,
    Texts: sql`arrayMap(p -> tupleElement(p, 2), ${top})`,
    Counts: sql`arrayMap(p -> toString(tupleElement(p, 1)), ${top})`,
  })
    .from(values)
    .groupBy(sql`Scope`, sql`Key`)
    .orderBy(sql`Scope`, sql`Count DESC`, sql`Key`)
    .limit(mostFields);
  const whole = select({ Records: sql`toFloat64(count())` })
    .from("otel_logs")
    .where(ofTenant(context), ...logConditions(search));
  const [table, count] = await Promise.all([
    read(client, fields, context, "read the fields of logs"),
    read(client, whole, context, "count logs"),
  ]);
  const total = count.numbers("Records")[0] ?? 0;
  return {
    fields: table.strings("Key").map((key, row): LogField => {
      const counts = table.stringLists("Counts")[row] ?? [];
      return {
        scope: table.strings("Scope")[row] === "resource" ? "resource" : "log",
        key,
        count: table.numbers("Count")[row] ?? 0,
        distinct: table.numbers("Distinct")[row] ?? 0,
        values: (table.stringLists("Texts")[row] ?? []).map((value, i) => ({
          value,
          count: Number(counts[i] ?? 0),
        })),
      };
    }),
    records: Math.min(total, mostFieldRecords),
    truncated: total > mostFieldRecords,
  };
}
