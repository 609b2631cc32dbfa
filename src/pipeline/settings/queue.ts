/** `timeout`, `retry_on_failure` and `sending_queue` of exporters (core exporter/exporterhelper, config/configretry). */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { ComponentId } from "./component-id.ts";
import type { ConfigNode } from "./config-node.ts";
import {
  bool,
  componentIdOption,
  duration,
  enumOf,
  float,
  int,
  list,
  optionalSection,
  section,
  text,
} from "./options.ts";
import { configProblem } from "./problem.ts";
import type { Section } from "./schema.ts";

const sizers = ["requests", "items", "bytes"] as const;
/** What a size counts: batches as they came, spans/points/records, or bytes of their protobuf. */
export type Sizer = (typeof sizers)[number];

export interface QueueConfig {
  readonly num_consumers: number;
  /** In units of `sizer`. */
  readonly queue_size: number;
  readonly sizer: Sizer;
  readonly block_on_overflow: boolean;
  readonly wait_for_result: boolean;
  readonly storage: ComponentId | undefined;
  readonly batch: QueueBatchConfig | undefined;
}

export interface QueueBatchConfig {
  readonly flush_timeout: number;
  readonly min_size: number;
  /** 0: no limit. */
  readonly max_size: number;
  /** Undefined: as the queue's, "items" where that is "requests". */
  readonly sizer: Sizer | undefined;
  readonly partition: { readonly metadata_keys: readonly string[] };
}

export interface RetryConfig {
  readonly enabled: boolean;
  readonly initial_interval: number;
  readonly randomization_factor: number;
  readonly multiplier: number;
  readonly max_interval: number;
  /** 0: for ever. */
  readonly max_elapsed_time: number;
}

const sizerProblem = (value: string): string => `invalid sizer: "${value}"`;

export const queueOption: Section<QueueConfig | undefined> = optionalSection<QueueConfig>(
  {
    num_consumers: int({ default: 10, doc: "requests sent at the same time" }),
    queue_size: int({ default: 1000, doc: "how much the queue holds, counted by sizer" }),
    sizer: enumOf(sizers, { default: "requests", doc: "what queue_size counts", problem: sizerProblem }),
    block_on_overflow: bool({
      default: false,
      doc: "wait for room when the queue is full, instead of refusing",
    }),
    wait_for_result: bool({ default: false, doc: "answer the sender only when the data was sent" }),
    storage: componentIdOption({
      doc: "storage extension that keeps the queue on disk, over a restart; absent: in memory",
      example: "file_storage",
    }),
    batch: optionalSection<QueueBatchConfig>(
      {
        flush_timeout: duration({ default: "200ms", doc: "longest wait before a batch is sent" }),
        min_size: int({ default: 8192, doc: "size from which a batch is sent, counted by sizer" }),
        max_size: int({ default: 0, doc: "size above which a batch is split; 0: never" }),
        sizer: enumOf(sizers, {
          doc: "what the sizes count; absent: as the queue, or items",
          problem: sizerProblem,
        }),
        partition: section<{ readonly metadata_keys: readonly string[] }>(
          {
            metadata_keys: list(text({ required: true, doc: "name of a request header" }), {
              doc: "batches are kept apart by the values of these request headers",
            }),
          },
          { doc: "what is not batched together" },
        ),
      },
      { doc: "joins requests before they are sent; on when written, even empty", whenNull: "defaults" },
    ),
  },
  { doc: "holds data while it cannot be sent", whenAbsent: "defaults" },
);

export const retryOption: Section<RetryConfig> = section<RetryConfig>(
  {
    enabled: bool({ default: true, doc: "try again after a failure that may pass" }),
    initial_interval: duration({ default: "5s", doc: "wait after the first failure" }),
    randomization_factor: float({ default: 0.5, doc: "part of the wait that is random" }),
    multiplier: float({ default: 1.5, doc: "growth of the wait with each failure" }),
    max_interval: duration({ default: "30s", doc: "longest wait" }),
    max_elapsed_time: duration({ default: "5m", doc: "time after which data is given up; 0: never" }),
  },
  { doc: "what happens when sending fails" },
);

/** What `min_size` and `max_size` count. */
export function batchSizer(queue: QueueConfig): Sizer {
  return queue.batch?.sizer ?? (queue.sizer === "requests" ? "items" : queue.sizer);
}

/** Problems of `sending_queue`; texts of core exporterhelper/internal/queuebatch. */
export function checkQueue(
  config: QueueConfig | undefined,
  node: ConfigNode,
  path: string,
  at: readonly string[] = ["sending_queue"],
): readonly Diagnostic[] {
  if (config === undefined) return [];
  const found: Diagnostic[] = [];
  const add = (key: string, text: string, below: readonly string[] = []): void => {
    found.push(configProblem({ code: "bad-queue", node, path, at: [...at, ...below], key, text }));
  };
  if (config.num_consumers <= 0) add("num_consumers", "`num_consumers` must be positive");
  if (config.queue_size <= 0) add("queue_size", "`queue_size` must be positive");
  if (config.storage !== undefined && config.wait_for_result) {
    add(
      "wait_for_result",
      "`wait_for_result` is not supported with a persistent queue configured with `storage`",
    );
  }
  const batch = config.batch;
  if (batch === undefined) return found;
  const sizer = batchSizer(config);
  if (sizer === config.sizer && batch.min_size > config.queue_size) {
    add("min_size", "`min_size` must be less than or equal to `queue_size`", ["batch"]);
  }
  if (sizer === "requests")
    add("sizer", '`batch` supports only `items` or `bytes` sizer, found "requests"', ["batch"]);
  if (batch.flush_timeout <= 0) add("flush_timeout", "`flush_timeout` must be positive", ["batch"]);
  if (batch.min_size < 0) add("min_size", "`min_size` must be non-negative", ["batch"]);
  if (batch.max_size < 0) add("max_size", "`max_size` must be non-negative", ["batch"]);
  if (batch.max_size > 0 && batch.max_size < batch.min_size) {
    const sizes = `(${batch.max_size}) must be greater or equal to \`min_size\` (${batch.min_size})`;
    add("max_size", `\`max_size\` ${sizes}`, ["batch"]);
  }
  const seen = new Set<string>();
  for (const key of batch.partition.metadata_keys) {
    const lower = key.toLowerCase();
    if (seen.has(lower)) {
      add("metadata_keys", `duplicate entry in metadata_keys: "${lower}" (case-insensitive)`, [
        "batch",
        "partition",
      ]);
    }
    seen.add(lower);
  }
  return found;
}

/** Problems of `retry_on_failure`; texts of core config/configretry. */
export function checkRetry(
  config: RetryConfig,
  node: ConfigNode,
  path: string,
  at: readonly string[] = ["retry_on_failure"],
): readonly Diagnostic[] {
  if (!config.enabled) return [];
  const found: Diagnostic[] = [];
  const add = (key: string, text: string): void => {
    found.push(configProblem({ code: "bad-retry", node, path, at, key, text }));
  };
  for (const key of ["initial_interval", "multiplier", "max_interval", "max_elapsed_time"] as const) {
    if (config[key] < 0) add(key, `'${key}' must be non-negative`);
  }
  if (config.randomization_factor < 0 || config.randomization_factor > 1) {
    add("randomization_factor", "'randomization_factor' must be within [0, 1]");
  }
  const limit = config.max_elapsed_time;
  if (limit > 0 && limit < config.initial_interval) {
    add("max_elapsed_time", "'max_elapsed_time' must not be less than 'initial_interval'");
  } else if (limit > 0 && limit < config.max_interval) {
    add("max_elapsed_time", "'max_elapsed_time' must not be less than 'max_interval'");
  }
  return found;
}
