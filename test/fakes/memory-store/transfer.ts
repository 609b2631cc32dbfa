import type { ExportPiece, ExportQuery, ImportResult } from "../../../src/storage/transfer.ts";
import type { WriteResult } from "../../../src/storage/store.ts";
import { importLines } from "../../../src/storage/clickhouse/transfer/import-lines.ts";
import type { ReadContext, TimeWindow } from "../../../src/storage/window.ts";
import type { Batch } from "../../../src/telemetry/batch.ts";
import { bytesToOtlpJson } from "../../../src/telemetry/json/print.ts";
import type { Resource } from "../../../src/telemetry/tree/common.ts";
import { OtelierError } from "../../../src/base/error.ts";
import { inWindow } from "./select.ts";

/** OTLP/JSON out of the batches as they came, one piece a signal; no Parquet. */
export function exportPieces(batches: readonly Batch[], query: ExportQuery): readonly ExportPiece[] {
  if (query.format === "parquet") {
    throw new OtelierError("cannot export Parquet: this store has none", {
      code: "unsupported",
      outcome: "permanent",
    });
  }
  return query.signals.flatMap((signal) => {
    const rows = chosen(batches, query, signal).reduce((sum, batch) => sum + batch.itemCount, 0);
    if (rows === 0) return [];
    const window = query.window ?? { startMs: 0, endMs: Number.MAX_SAFE_INTEGER };
    return [{ name: `${signal}.jsonl`, signal, table: "", window, share: { index: 0, count: 1 }, rows }];
  });
}

export function exportPiece(batches: readonly Batch[], query: ExportQuery, piece: ExportPiece): Uint8Array {
  const lines = chosen(batches, query, piece.signal).map(
    (batch) => `${bytesToOtlpJson(batch.signal, batch.bytes)}\n`,
  );
  return Buffer.from(lines.join(""));
}

export function importPiece(
  bytes: Uint8Array,
  write: (batch: Batch) => Promise<WriteResult>,
  context: ReadContext,
): Promise<ImportResult> {
  return importLines(bytes, write, undefined, context);
}

function chosen(batches: readonly Batch[], query: ExportQuery, signal: Batch["signal"]): Batch[] {
  return batches
    .filter((batch) => batch.signal === signal)
    .map((batch) => {
      const copy = batch.clone();
      keepMatching(copy, query);
      return copy;
    })
    .filter((batch) => batch.itemCount > 0);
}

function keepMatching(batch: Batch, { window, service }: ExportQuery): void {
  const isOther = ({ resource }: { readonly resource: Resource }): boolean =>
    service !== undefined && resource.attributes.get("service.name") !== service;
  if (batch.signal === "traces") {
    const { resourceSpans } = batch.traces();
    resourceSpans.removeWhere(isOther);
    for (const { scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans)
        spans.removeWhere((span) => isOutside(span.startTimeUnixNano, window));
  } else if (batch.signal === "logs") {
    const { resourceLogs } = batch.logs();
    resourceLogs.removeWhere(isOther);
    for (const { scopeLogs } of resourceLogs)
      for (const { logRecords } of scopeLogs)
        logRecords.removeWhere((log) => isOutside(log.timeUnixNano || log.observedTimeUnixNano, window));
  } else {
    const { resourceMetrics } = batch.metrics();
    resourceMetrics.removeWhere(isOther);
    for (const { scopeMetrics } of resourceMetrics)
      for (const { metrics } of scopeMetrics)
        for (const { gauge, sum, histogram, exponentialHistogram, summary } of metrics)
          for (const one of [gauge, sum, histogram, exponentialHistogram, summary])
            one?.dataPoints.removeWhere((point) => isOutside(point.timeUnixNano, window));
  }
}

function isOutside(timeNano: bigint, window: TimeWindow | undefined): boolean {
  return window !== undefined && !inWindow(timeNano, window);
}
