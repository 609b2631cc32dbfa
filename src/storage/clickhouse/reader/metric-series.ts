import type { MetricAnswer, MetricExemplar, MetricLine, MetricQuery } from "../../metrics.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { inWindow, ofTenant } from "./conditions.ts";
import { readMetrics } from "./metric-list.ts";
import { gridOf, seriesQuery } from "./metric-points.ts";
import { putValues } from "./metric-values.ts";
import { read } from "./read.ts";
import { select, sql, subquery } from "./sql/ast.ts";

const maxLines = 100;
const maxExemplars = 100;

/** Lines of a metric, the largest first; without lines when the metric has no points in the window. */
export async function readMetricSeries(
  client: ClickHouseClient,
  query: MetricQuery,
  context: ReadContext,
): Promise<MetricAnswer> {
  const grid = gridOf(query);
  const { timesMs } = grid;
  const found = await readMetrics(
    client,
    query.window,
    { service: query.service, metric: query.metric },
    context,
  );
  const metric = found.items[0];
  if (metric === undefined) return { timesMs, lines: [], omittedLines: 0, exemplars: [] };
  const lines = new Map<string, (number | null)[]>();
  await putValues({ client, query, metric, grid, context }, (group, step, value) => {
    if (step < 0 || step >= grid.count) return;
    let line = lines.get(group);
    if (line === undefined) lines.set(group, (line = timesMs.map(() => null)));
    line[step] = value;
  });
  const sorted = [...lines].map(([group, values]): MetricLine => ({ group, values })).toSorted(byWeight);
  const limit = Math.max(1, Math.min(Math.floor(query.limit), maxLines));
  return {
    metric,
    timesMs,
    lines: sorted.slice(0, limit),
    omittedLines: Math.max(0, sorted.length - limit),
    exemplars: await readExemplars(client, query, context),
  };
}

function byWeight(a: MetricLine, b: MetricLine): number {
  return weight(b) - weight(a) || (a.group < b.group ? -1 : 1);
}

function weight(line: MetricLine): number {
  return line.values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
}

async function readExemplars(
  client: ClickHouseClient,
  query: MetricQuery,
  context: ReadContext,
): Promise<MetricExemplar[]> {
  const fingerprints = select({ Fingerprint: sql`Fingerprint` }).from(seriesQuery(query, context));
  const table = await read(
    client,
    select({
      Time: sql`toFloat64(toUnixTimestamp64Nano(Timestamp)) / 1e6`,
      Result: sql`Value`,
      Trace: sql`TraceId`,
      Span: sql`SpanId`,
    })
      .from("otel_metric_exemplars")
      .where(
        ofTenant(context),
        sql`MetricName = ${query.metric}`,
        inWindow(query.window),
        sql`TraceId != ''`,
        sql`Fingerprint IN ${subquery(fingerprints)}`,
      )
      .orderBy(sql`Timestamp DESC`)
      .limit(maxExemplars),
    context,
    "read exemplars",
  );
  const values = table.nullableNumbers("Result");
  const traces = table.strings("Trace");
  const spans = table.strings("Span");
  return table.numbers("Time").map((timeMs, row) => ({
    timeMs,
    value: values[row] ?? 0,
    traceId: traces[row] ?? "",
    spanId: spans[row] ?? "",
  }));
}
