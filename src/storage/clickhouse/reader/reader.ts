/** All reads of the store over one client: each method asks a file of this folder, and says why when nothing was found. Start here. */
import { systemClock, type Clock } from "../../../base/clock.ts";
import type { LogFields, LogPatterns, LogReader, LogSearch, LogVolume, StoredLog } from "../../logs.ts";
import type {
  LinkingSpan,
  OperationSummary,
  ServiceGraph,
  ServiceSummary,
  SpanDetail,
  SpanField,
  TraceAnswer,
  TraceField,
  TraceReader,
  TraceSearch,
  TraceSummary,
} from "../../traces.ts";
import type { EmptyReason, Page, ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { checkWindow } from "./check-window.ts";
import { explainEmpty, type EmptyQuestion, type EmptySource } from "./empty-reason.ts";
import { readLinkingSpans } from "./linking-spans.ts";
import { readLogFields, readLogPatterns } from "./log-clusters.ts";
import { isLogFiltered, readLogVolume, searchLogs } from "./logs.ts";
import { readServiceGraph } from "./service-graph.ts";
import { readOperations } from "./services/operations.ts";
import { readServices } from "./services/services.ts";
import { readSpans } from "./span-details.ts";
import { isFiltered } from "./query/span-conditions.ts";
import { readTraceField } from "./trace-field.ts";
import { searchTraces } from "./trace-search.ts";
import { readTrace } from "./trace-skeleton.ts";

export interface ReaderOptions {
  readonly client: ClickHouseClient;
  readonly clock?: Clock;
  /** Age after which telemetry is dropped; 0 or absent: kept for ever. */
  readonly retentionMs?: number;
}

type Table = EmptySource["table"];
const nouns: Readonly<Record<Table, string>> = {
  otel_traces: "spans",
  otel_logs: "log records",
  otel_metric_samples: "data points",
};

export class ClickHouseReader implements TraceReader, LogReader {
  private readonly client: ClickHouseClient;
  private readonly clock: Clock;
  private readonly retentionMs: number;

  constructor(options: ReaderOptions) {
    this.client = options.client;
    this.clock = options.clock ?? systemClock;
    this.retentionMs = options.retentionMs ?? 0;
  }

  async services(window: TimeWindow, steps: number, context: ReadContext): Promise<Page<ServiceSummary>> {
    checkWindow(window);
    const found = await readServices(this.client, window, steps, context);
    return this.page(found, "otel_traces", { window, filtered: false }, context);
  }

  async operations(
    window: TimeWindow,
    service: string | undefined,
    steps: number,
    context: ReadContext,
  ): Promise<Page<OperationSummary>> {
    checkWindow(window);
    const found = await readOperations(this.client, window, service, steps, context);
    return this.page(found, "otel_traces", { window, service, filtered: false }, context);
  }

  async serviceGraph(window: TimeWindow, context: ReadContext): Promise<ServiceGraph> {
    checkWindow(window);
    const graph = await readServiceGraph(this.client, window, context);
    if (graph.edges.length > 0) return graph;
    return { ...graph, empty: await this.explain("otel_traces", { window, filtered: false }, context) };
  }

  async searchTraces(search: TraceSearch, context: ReadContext): Promise<Page<TraceSummary>> {
    checkWindow(search.window);
    const found = await searchTraces(this.client, search, context);
    const { window, service } = search;
    return this.page(found, "otel_traces", { window, service, filtered: isFiltered(search) }, context);
  }

  async trace(traceId: string, context: ReadContext): Promise<TraceAnswer> {
    const trace = await readTrace(this.client, traceId.toLowerCase(), context);
    if (trace !== undefined) return { trace };
    return { empty: await this.explain("otel_traces", { filtered: true }, context) };
  }

  spans(traceId: string, spanIds: readonly string[], context: ReadContext): Promise<readonly SpanDetail[]> {
    return readSpans(this.client, traceId.toLowerCase(), spanIds, context);
  }

  traceField(traceId: string, field: SpanField, context: ReadContext): Promise<TraceField> {
    return readTraceField(this.client, traceId.toLowerCase(), field, context);
  }

  linkingSpans(traceId: string, context: ReadContext): Promise<Page<LinkingSpan>> {
    return readLinkingSpans(this.client, traceId.toLowerCase(), context);
  }

  async searchLogs(search: LogSearch, context: ReadContext): Promise<Page<StoredLog>> {
    if (search.window !== undefined) checkWindow(search.window);
    const found = await searchLogs(this.client, search, context);
    // Behind the last page there is nothing, and nothing to explain.
    if (search.after !== undefined) return found;
    const { window, service } = search;
    const question = {
      ...(window === undefined ? {} : { window }),
      service,
      filtered: isLogFiltered(search),
    };
    return this.page(found, "otel_logs", question, context);
  }

  logVolume(search: LogSearch, steps: number, context: ReadContext): Promise<LogVolume> {
    if (search.window !== undefined) checkWindow(search.window);
    return readLogVolume(this.client, search, steps, context);
  }

  logPatterns(search: LogSearch, context: ReadContext): Promise<LogPatterns> {
    if (search.window !== undefined) checkWindow(search.window);
    return readLogPatterns(this.client, search, context);
  }

  logFields(search: LogSearch, context: ReadContext): Promise<LogFields> {
    if (search.window !== undefined) checkWindow(search.window);
    return readLogFields(this.client, search, context);
  }

  private async page<T>(
    found: { readonly items: readonly T[]; readonly truncated: boolean },
    table: Table,
    question: EmptyQuestion,
    context: ReadContext,
  ): Promise<Page<T>> {
    if (found.items.length > 0) return found;
    return { ...found, empty: await this.explain(table, question, context) };
  }

  private explain(table: Table, question: EmptyQuestion, context: ReadContext): Promise<EmptyReason> {
    const source = {
      client: this.client,
      noun: nouns[table],
      table,
      retentionMs: this.retentionMs,
      nowMs: this.clock.now(),
    };
    return explainEmpty(source, question, context);
  }
}
