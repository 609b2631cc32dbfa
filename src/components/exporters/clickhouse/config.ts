import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import {
  bool,
  duration,
  int,
  mapOf,
  raw,
  secret,
  section,
  text,
} from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import {
  checkQueue,
  checkRetry,
  queueOption,
  retryOption,
  type QueueConfig,
  type RetryConfig,
} from "../../../pipeline/settings/queue.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";
import { parseClickHouseUrl } from "../../../storage/clickhouse/client/address.ts";
import {
  defaultMaxSeries,
  maxKnownSeries,
} from "../../../storage/clickhouse/writer/transcode/known-series.ts";

export interface ClickHouseConfig {
  /** '': the embedded engine. */
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  readonly create_schema: boolean;
  /** New metric series a day and tenant; 0: no bound. */
  readonly max_series: number;
  /** Milliseconds; 0: for ever. */
  readonly ttl: number;
  readonly timeout: number;
  readonly sending_queue: QueueConfig | undefined;
  readonly retry_on_failure: RetryConfig | undefined;
}

const fixedName = "the tables have fixed names: otel_traces, otel_logs, otel_metric_*";

/** Option names of the Collector's exporter (contrib exporter/clickhouseexporter), as far as they mean something here. */
export const clickHouseConfig: Section<ClickHouseConfig> = section<ClickHouseConfig>({
  endpoint: text({
    default: "",
    doc: "HTTP interface of a ClickHouse server; empty: the engine that Otelier brings along",
    example: "http://clickhouse:8123",
  }),
  username: text({ default: "", doc: "user of the server; empty: the endpoint's, else default" }),
  password: secret({ default: "", doc: "password of the user" }),
  database: text({ default: "", doc: "database of the server; empty: the endpoint's, else otelier" }),
  create_schema: bool({ default: true, doc: "create the database and its tables when they are missing" }),
  ttl: duration({ default: "0", doc: "age at which data is dropped; 0: as the program's --retention says" }),
  max_series: int({
    default: defaultMaxSeries,
    min: 0,
    max: maxKnownSeries,
    doc: "new metric series that each tenant may start a day, points of others are refused; 0: no bound. Of the program's own store --max-series says it",
  }),
  timeout: duration({
    default: "0",
    doc: "longest time until a batch must be safe on disk; 0: no limit",
  }),
  sending_queue: { ...queueOption, default: undefined, whenAbsent: "off" } as Section<
    QueueConfig | undefined
  >,
  retry_on_failure: { ...retryOption, whenAbsent: "off" },
  ...ignoredOptions(),
});

/** Options of the Collector's exporter that configurations carry and that change nothing here. */
function ignoredOptions(): object {
  const name = { default: "", ignored: fixedName };
  return {
    traces_table_name: text({ ...name, doc: "name of the table of spans" }),
    logs_table_name: text({ ...name, doc: "name of the table of log records" }),
    metrics_table_name: text({ ...name, doc: "name of the tables of metrics" }),
    metrics_tables: raw({ doc: "names of the tables of metrics", ignored: fixedName }),
    connection_params: mapOf(text({ required: true, doc: "value" }), {
      doc: "parameters of the native protocol",
      ignored: "the HTTP interface is used; settings are chosen by Otelier",
    }),
    compress: text({
      default: "",
      doc: "compression of the native protocol",
      ignored: "requests over HTTP are always compressed",
    }),
    async_insert: bool({
      default: false,
      doc: "let the server collect inserts",
      ignored: "inserts are collected before they are sent, and are safe on disk meanwhile",
    }),
    cluster_name: text({
      default: "",
      doc: "cluster on which to create the tables",
      ignored: "tables are created on the server of the endpoint only",
    }),
    table_engine: raw({
      doc: "engine of the tables",
      ignored: "engines are chosen by Otelier, deduplication depends on them",
    }),
    json: bool({
      default: false,
      doc: "keep attributes in JSON columns",
      ignored: "attributes are kept in Map columns with their types beside them",
    }),
  };
}

export function checkClickHouse(
  config: ClickHouseConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (config.endpoint !== "") {
    for (const { message, hint } of parseClickHouseUrl(config.endpoint).diagnostics) {
      const place = { code: "bad-clickhouse-url", node, path, key: "endpoint", text: message };
      found.push(configProblem(hint === undefined ? place : { ...place, hint }));
    }
  }
  if (config.ttl < 0) {
    found.push(
      configProblem({ code: "bad-ttl", node, path, key: "ttl", text: "'ttl' must be non-negative" }),
    );
  }
  if (config.retry_on_failure !== undefined) found.push(...checkRetry(config.retry_on_failure, node, path));
  found.push(...checkQueue(config.sending_queue, node, path));
  if (
    config.sending_queue !== undefined &&
    !config.sending_queue.wait_for_result &&
    config.sending_queue.storage === undefined
  ) {
    found.push(
      configProblem({
        severity: "warning",
        code: "answer-before-safe",
        node,
        path,
        at: ["sending_queue"],
        text: "senders are answered before their data is safe on disk; what the queue holds is lost when the program is killed",
        hint: "remove sending_queue: the exporter answers quickly and joins concurrent batches by itself",
      }),
    );
  }
  return found;
}
