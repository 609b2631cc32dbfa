/** What answers to OTLP exports say, for every exporter that speaks OTLP. */
import { readFields } from "../../base/net/grpc-status.ts";
import type { Signal } from "../../telemetry/signal.ts";
import type { ComponentSettings } from "../component.ts";
import { itemNoun } from "../self-metrics/item-noun.ts";

export interface PartialSuccess {
  readonly rejectedItems: number;
  readonly message: string;
}

/**
 * Reads an Export*ServiceResponse {partial_success = 1 {rejected_* = 1, error_message = 2}}, the same for all signals. Undefined for bytes that
 * are no message; no items and no message when nothing was refused.
 */
export function readExportResponse(bytes: Uint8Array): PartialSuccess | undefined {
  const fields = readFields(bytes);
  if (fields === undefined) return undefined;
  const partial = fields.find((field) => field.number === 1);
  const inner = partial === undefined ? [] : readFields(partial.bytes);
  if (inner === undefined) return undefined;
  return {
    rejectedItems: inner.find((field) => field.number === 1)?.value ?? 0,
    message: inner.find((field) => field.number === 2)?.bytes.toString() ?? "",
  };
}

/** Logs what a server refused while it took the rest; that is not sent again (OTLP specification, "Partial Success"). */
export function reportPartialSuccess(
  settings: ComponentSettings,
  signal: Signal,
  partial: PartialSuccess,
): void {
  if (partial.rejectedItems === 0 && partial.message === "") return;
  settings.log.warn("Partial success response", {
    message: partial.message,
    [`dropped_${itemNoun[signal]}`]: partial.rejectedItems,
  });
}
