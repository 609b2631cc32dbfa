import type { TraceSkeleton } from "../../traces.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ofTenant, time } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { select, sql } from "./sql/ast.ts";
import { preorder } from "./trace-tree.ts";

const maxSpans = 250_000;
const kindNames = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const statusNames = ["Unset", "Ok", "Error"];

export interface TraceTimes {
  readonly startNano: bigint;
  readonly endNano: bigint;
}

/** Where in time a trace lies, from its own small table; undefined when there is no such trace. */
export async function readTraceTimes(
  client: ClickHouseClient,
  traceId: string,
  context: ReadContext,
): Promise<TraceTimes | undefined> {
  const answer = await read(
    client,
    select({
      Start: sql`toString(toUnixTimestamp64Nano(min(Start)))`,
      End: sql`toString(toUnixTimestamp64Nano(max(End)))`,
      Rows: sql`count()`,
    })
      .from("otel_traces_trace_id_ts")
      .where(ofTenant(context), sql`TraceId = ${traceId}`),
    context,
    "find the trace",
  );
  if (answer.string("Rows") === "0") return undefined;
  return { startNano: BigInt(answer.string("Start")), endNano: BigInt(answer.string("End")) };
}

export async function readTrace(
  client: ClickHouseClient,
  traceId: string,
  context: ReadContext,
): Promise<TraceSkeleton | undefined> {
  const times = await readTraceTimes(client, traceId, context);
  if (times === undefined) return undefined;
  const within = [
    ofTenant(context),
    sql`TraceId = ${traceId}`,
    sql`Timestamp >= ${time(times.startNano)} AND Timestamp <= ${time(times.endNano)}`,
  ];
  const [spans, total, logged] = await Promise.all([
    read(
      client,
      select({
        SpanId: sql`SpanId`,
        ParentSpanId: sql`ParentSpanId`,
        Start: sql`toFloat64(toUnixTimestamp64Nano(Timestamp) - ${times.startNano})`,
        Duration: sql`toFloat64(Duration)`,
        Name: sql`toString(SpanName)`,
        Service: sql`toString(ServiceName)`,
        Kind: sql`toUInt8(indexOf(${list(kindNames)}, toString(SpanKind)))`,
        Status: sql`toUInt8(indexOf(${list(statusNames)}, toString(StatusCode)))`,
        Flags: sql`if(empty(\`Events.Name\`), 0, 2) + if(empty(\`Links.TraceId\`), 0, 4)`,
      })
        .from("otel_traces")
        .where(...within)
        .orderBy(sql`Timestamp`, sql`Duration DESC`, sql`SpanId`)
        .limit(maxSpans),
      context,
      "read the trace",
    ),
    read(
      client,
      select({ Spans: sql`toFloat64(count())` })
        .from("otel_traces")
        .where(...within),
      context,
      "read the trace",
    ),
    read(
      client,
      select({ SpanId: sql`SpanId` })
        .from("otel_logs")
        .where(ofTenant(context), sql`TraceId = ${traceId}`)
        .groupBy(sql`SpanId`)
        .limit(maxSpans),
      context,
      "read the trace",
    ),
  ]);
  if (spans.rows === 0) return undefined;
  const withLogs = new Set(logged.strings("SpanId"));
  return arrange(traceId, times, spans, Math.max(0, total.number("Spans") - spans.rows), withLogs);
}

function list(names: readonly string[]): ReturnType<typeof sql> {
  // A list prints as "(a, b)": the arguments of array().
  return sql`array${names}`;
}

function arrange(
  traceId: string,
  times: TraceTimes,
  spans: Awaited<ReturnType<typeof read>>,
  omitted: number,
  withLogs: ReadonlySet<string>,
): TraceSkeleton {
  const spanIds = spans.strings("SpanId");
  const tree = preorder(spanIds, spans.strings("ParentSpanId"));
  const names = new Dictionary(spans.strings("Name"));
  const services = new Dictionary(spans.strings("Service"));
  const starts = spans.numbers("Start");
  const durations = spans.numbers("Duration");
  const kinds = spans.numbers("Kind");
  const statuses = spans.numbers("Status");
  const flags = spans.numbers("Flags");
  const pick = <T>(pickOne: (row: number, position: number) => T): T[] =>
    Array.from(tree.order, (row, position) => pickOne(row, position));
  let end = 0;
  starts.forEach((start, row) => {
    end = Math.max(end, start + (durations[row] ?? 0));
  });
  return {
    traceId,
    startUnixNano: String(times.startNano),
    durationNano: end,
    spanIds: pick((row) => spanIds[row] ?? ""),
    parents: [...tree.parents],
    starts: pick((row) => starts[row] ?? 0),
    durations: pick((row) => durations[row] ?? 0),
    name: pick((row) => names.at(row)),
    service: pick((row) => services.at(row)),
    kind: pick((row) => Math.max(0, (kinds[row] ?? 0) - 1)),
    status: pick((row) => Math.max(0, (statuses[row] ?? 0) - 1)),
    flags: pick(
      (row, position) =>
        (flags[row] ?? 0) | (tree.orphan[position] ?? 0) | (withLogs.has(spanIds[row] ?? "") ? 8 : 0),
    ),
    names: names.entries,
    services: services.entries,
    omitted,
  };
}

/** Strings of a column as indexes into the distinct ones, in order of appearance. */
class Dictionary {
  readonly entries: string[] = [];
  private readonly codes: Int32Array;

  constructor(column: readonly string[]) {
    const known = new Map<string, number>();
    this.codes = Int32Array.from(column, (text) => {
      let code = known.get(text);
      if (code === undefined) {
        code = this.entries.push(text) - 1;
        known.set(text, code);
      }
      return code;
    });
  }

  at(row: number): number {
    return this.codes[row] ?? 0;
  }
}
