/** Works out why a read found nothing. Only called when it did, so it may cost a few scans of one column. */
import { nearestName } from "../../../base/nearest.ts";
import type { EmptyReason, ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { inWindow, ofTenant } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { select, sql, type Expression } from "./sql/ast.ts";

export interface EmptySource {
  readonly client: ClickHouseClient;
  /** "spans", "log records", "data points": for the message. */
  readonly noun: string;
  readonly table: "otel_traces" | "otel_logs" | "otel_metric_samples";
  /** Milliseconds after which telemetry is dropped; 0 keeps all. */
  readonly retentionMs: number;
  readonly nowMs: number;
}

export interface EmptyQuestion {
  readonly window?: TimeWindow;
  readonly service?: string | undefined;
  /** Other filters were given, which may have removed everything. */
  readonly filtered: boolean;
}

export async function explainEmpty(
  source: EmptySource,
  question: EmptyQuestion,
  context: ReadContext,
): Promise<EmptyReason> {
  const { client, noun } = source;
  const { window, service } = question;
  const within: Expression = window === undefined ? sql`1` : inWindow(window);
  const ofService: Expression =
    service === undefined || source.table === "otel_metric_samples" ? sql`1` : sql`ServiceName = ${service}`;
  const seen = await read(
    client,
    select({
      Rows: sql`toFloat64(count())`,
      ServiceRows: sql`toFloat64(countIf(${ofService}))`,
      Inside: sql`toFloat64(countIf(${ofService} AND ${within}))`,
      First: milliseconds(sql`minIf(Timestamp, ${ofService})`),
      Last: milliseconds(sql`maxIf(Timestamp, ${ofService})`),
    })
      .from(source.table)
      .where(ofTenant(context)),
    context,
    "find out why nothing was found",
  );
  if (seen.number("Rows") === 0) {
    return {
      code: "nothing-arrived",
      message: `no ${noun} have arrived yet`,
      hint: `send some: run your program with "otelier run -- COMMAND", or point its OTLP exporter at port 4317 or 4318`,
    };
  }
  if (service !== undefined && seen.number("ServiceRows") === 0)
    return unknownService(source, service, context);
  if (window === undefined || seen.number("Inside") > 0) {
    return {
      code: "filtered-out",
      message: question.filtered
        ? `there are ${noun}, but none that match the filters`
        : `there are ${noun}, but none of the kind asked for`,
      hint: "remove a filter, or widen the search",
    };
  }
  return otherWindow(source, window, { startMs: seen.number("First"), endMs: seen.number("Last") + 1 });
}

function otherWindow(source: EmptySource, window: TimeWindow, nearest: TimeWindow): EmptyReason {
  const { noun, retentionMs, nowMs } = source;
  if (retentionMs > 0 && window.endMs <= nowMs - retentionMs) {
    return {
      code: "expired",
      message: `${noun} of this time are no longer kept`,
      hint: "choose a later time; keep more with --retention",
      nearest,
    };
  }
  const before = nearest.endMs <= window.startMs;
  return {
    code: "other-window",
    message: `there are ${noun}, but ${before ? "only before" : "none within"} this time`,
    hint: `look between ${new Date(nearest.startMs).toISOString()} and ${new Date(nearest.endMs).toISOString()}`,
    nearest,
  };
}

async function unknownService(
  source: EmptySource,
  service: string,
  context: ReadContext,
): Promise<EmptyReason> {
  const names = await read(
    source.client,
    select({ Service: sql`toString(ServiceName)`, Items: sql`toFloat64(count())` })
      .from(source.table)
      .where(ofTenant(context))
      .groupBy(sql`ServiceName`)
      .orderBy(sql`Items DESC`)
      .limit(500),
    context,
    "list services",
  );
  const known = names.strings("Service").filter((name) => name !== "");
  const nearest = nearestName(service, known);
  const suggestions = nearest === undefined ? known.slice(0, 5) : [nearest];
  return {
    code: "unknown-service",
    message: `no service "${service}" has sent ${source.noun}`,
    hint:
      suggestions.length === 0
        ? "no service has a name yet"
        : `did you mean ${suggestions.map((name) => `"${name}"`).join(", ")}?`,
    suggestions,
  };
}

function milliseconds(time: Expression): Expression {
  return sql`toFloat64(toUnixTimestamp64Milli(toDateTime64(${time}, 3)))`;
}
