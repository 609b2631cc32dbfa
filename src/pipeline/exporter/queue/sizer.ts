import type { Batch } from "../../../telemetry/batch.ts";
import type { Sizer } from "../../settings/queue.ts";

/** The size of a batch as a queue counts it. */
export function sizeOf(sizer: Sizer, batch: Batch): number {
  switch (sizer) {
    case "requests":
      return 1;
    case "items":
      return batch.itemCount;
    case "bytes":
      return batch.sizeBytes;
  }
}

/**
 * Batches of at most `max` each, in order. For bytes the items are divided evenly until each part fits; a single item that is larger stays whole.
 */
export function splitBySize(sizer: Sizer, batch: Batch, max: number): Batch[] {
  if (max <= 0 || sizeOf(sizer, batch) <= max) return [batch];
  if (sizer === "items") return batch.split(max);
  const items = batch.itemCount;
  if (items <= 1) return [batch];
  const perPart = Math.max(1, Math.min(items - 1, Math.floor((items * max) / batch.sizeBytes)));
  return batch.split(perPart).flatMap((part) => splitBySize(sizer, part, max));
}
