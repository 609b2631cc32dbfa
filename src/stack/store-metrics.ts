import type { Meters } from "../pipeline/component.ts";
import type { Store, StoreCounts } from "../storage/store.ts";

/** Metrics of the store, beside the Collector's, which knows none. */
export function registerStoreMetrics(metrics: Meters, store: Store): void {
  const total = (name: string, doc: string, unit: string, read: (counts: StoreCounts) => number): void =>
    metrics.observedCounter(`otelier_store_${name}`, {}, doc, () => read(store.counts()), unit);
  const now = (name: string, doc: string, unit: string, read: (counts: StoreCounts) => number): void =>
    metrics.gauge(`otelier_store_${name}`, {}, doc, () => read(store.counts()), unit);
  total("inserted_rows", "Rows inserted into the tables.", "{rows}", (counts) => counts.insertedRows);
  // Reasons are codes of diagnostics, so that each can be looked up.
  const rejected = (code: string, read: (counts: StoreCounts) => number): void =>
    metrics.observedCounter(
      "otelier_store_rejected_items",
      { reason: code },
      "Items that cannot be kept.",
      () => read(store.counts()),
      "{items}",
    );
  rejected("rejected-items", (counts) => counts.rejectedItems - counts.beyondSeriesPoints);
  rejected("series-limit", (counts) => counts.beyondSeriesPoints);
  metrics.observedCounter(
    "otelier_store_dropped_attribute_keys",
    { reason: "attribute-key-limit" },
    "Attribute keys left out of the catalogue; the telemetry that carries them is kept.",
    () => store.counts().droppedAttributeKeys,
    "{keys}",
  );
  total("set_aside_rows", "Rows that could never be inserted.", "{rows}", (counts) => counts.setAsideRows);
  total("dropped_rows", "Rows dropped by retention.", "{rows}", (counts) => counts.droppedRows);
  total("dropped_bytes", "Bytes dropped by retention.", "By", (counts) => counts.droppedBytes);
  total("engine_restarts", "Restarts of the engine.", "{restarts}", (counts) => counts.engineRestarts);
  now("pending_segments", "Segments not inserted yet.", "{segments}", (counts) => counts.pendingSegments);
  now("pending_bytes", "Bytes of segments not inserted yet.", "By", (counts) => counts.pendingBytes);
  now("engine_up", "1 while the engine runs.", "1", (counts) => (counts.engineUp ? 1 : 0));
}
