import type { Diagnostic } from "../../../base/diagnostic.ts";
import { nodeAt, type ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { duration, int, list, section, text } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface BatchConfig {
  /** Milliseconds. */
  readonly timeout: number;
  readonly send_batch_size: number;
  readonly send_batch_max_size: number;
  readonly metadata_keys: readonly string[];
  readonly metadata_cardinality_limit: number;
}

export const batchConfig: Section<BatchConfig> = section<BatchConfig>({
  timeout: duration({
    default: "200ms",
    minMs: 0,
    doc: "longest wait before a batch is sent; 0s sends at once",
  }),
  send_batch_size: int({
    default: 8192,
    min: 0,
    unit: "items",
    doc: "items that make a batch complete; 0 sends at once",
  }),
  send_batch_max_size: int({
    default: 0,
    min: 0,
    unit: "items",
    doc: "largest batch; larger ones are split; 0 means no limit",
  }),
  metadata_keys: list(text({ required: true, doc: "name of a request header" }), {
    doc: "request metadata by whose values batches are kept apart (needs `include_metadata` on the receiver)",
  }),
  metadata_cardinality_limit: int({
    default: 1000,
    min: 0,
    doc: "most combinations of metadata values at a time; 0 means no limit",
  }),
});

export function checkBatch(config: BatchConfig, node: ConfigNode): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const { send_batch_max_size: max, send_batch_size: size } = config;
  if (max > 0 && max < size) {
    const range = nodeAt(node, "send_batch_max_size")?.range;
    diagnostics.push({
      severity: "error",
      code: "batch-size-order",
      message: `send_batch_max_size must be greater or equal to send_batch_size (${size}), got ${max}`,
      hint: `raise send_batch_max_size to ${size}, or lower send_batch_size`,
      ...(range === undefined ? {} : { range }),
    });
  }
  const seen = new Set<string>();
  for (const [at, key] of config.metadata_keys.entries()) {
    const keys = nodeAt(node, "metadata_keys");
    const range = keys?.kind === "list" ? keys.items[at]?.range : undefined;
    if (seen.has(key.toLowerCase())) {
      diagnostics.push({
        severity: "error",
        code: "duplicate-metadata-key",
        message: `duplicate entry in metadata_keys: "${key.toLowerCase()}" (case-insensitive)`,
        hint: "remove one of them",
        ...(range === undefined ? {} : { range }),
      });
    }
    seen.add(key.toLowerCase());
  }
  return diagnostics;
}
