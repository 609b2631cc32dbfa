/**
 * The store as everything above it sees it. Implementations: ClickHouse (embedded or a server) and the in-memory one of the tests;
 * both pass the same contract suite in test/contracts/.
 */
import type { Batch } from "../telemetry/batch.ts";
import type { LogReader } from "./logs.ts";
import type { MetricReader } from "./metrics.ts";
import type { SpanAnalysis } from "./span-analysis.ts";
import type { TraceReader } from "./traces.ts";
import type { BackupSource } from "./backup.ts";
import type { TelemetryTransfer } from "./transfer.ts";
import type { StorageReader } from "./usage.ts";
import type { ReadContext } from "./window.ts";

/** Where batches go to be kept. */
export interface TelemetryWriter {
  /**
   * Resolves when the batch is safe on disk (it then becomes visible to reads within a second). Rejects with an OtelierError:
   * permanent when the bytes are malformed, retryable when there is no room or the store is stopping.
   * Items that cannot be kept (a time outside 1900 to 2262) are counted in the result, with the reason.
   */
  write(batch: Batch): Promise<WriteResult>;
}

export interface WriteResult {
  readonly rejected: number;
  /** '' when nothing was rejected. */
  readonly reason: string;
}

/** Rows of one table for people and scripts. */
export interface TableAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Row major; 64-bit integers as text. */
  readonly rows: readonly (readonly unknown[])[];
  /** True when the row limit cut the answer. */
  readonly truncated: boolean;
}

export interface SqlReader {
  /**
   * Runs one SELECT of a user over the telemetry tables, read only and within limits. Rejects with code "sql-refused" (permanent,
   * message says which word or function and why) for anything else.
   */
  sql(query: string, context: ReadContext): Promise<TableAnswer>;
}

/** Bytes and rows on disk, for one table. */
export interface TableUsage {
  readonly table: string;
  readonly rows: number;
  readonly bytesOnDisk: number;
  readonly parts: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

export interface StoreStatus {
  /** False while the engine is down; writes are still safe on disk. */
  readonly engineUp: boolean;
  readonly engineVersion: string;
  readonly engineRestarts: number;
  /** Segments written but not yet inserted. */
  readonly pendingSegments: number;
  readonly pendingBytes: number;
  /** Segments set aside because they can never be inserted, each with the reason. */
  readonly setAside: readonly { readonly file: string; readonly reason: string }[];
  readonly tables: readonly TableUsage[];
}

/** Totals since the start, and the state of this moment; known without asking the engine. */
export interface StoreCounts {
  readonly insertedRows: number;
  readonly insertedSegments: number;
  /** Items that cannot be kept, such as those of impossible times. */
  readonly rejectedItems: number;
  /** Those of them that are data points of new series above the bound a day and tenant. */
  readonly beyondSeriesPoints: number;
  /** Rows of segments that can never be inserted. */
  readonly setAsideRows: number;
  /** Attribute keys that were left out of the catalogue; what carried them is kept. */
  readonly droppedAttributeKeys: number;
  /** What retention dropped. */
  readonly droppedRows: number;
  readonly droppedBytes: number;
  readonly pendingSegments: number;
  readonly pendingBytes: number;
  readonly engineUp: boolean;
  readonly engineRestarts: number;
}

export interface Store
  extends
    TelemetryWriter,
    TraceReader,
    SpanAnalysis,
    LogReader,
    MetricReader,
    SqlReader,
    StorageReader,
    TelemetryTransfer,
    BackupSource {
  status(): Promise<StoreStatus>;
  counts(): StoreCounts;
  /**
   * Called after each insert that became visible, with the signals and the tenants concerned; for live pages. Of what an earlier run left
   * the tenants are not known. Returns the way to stop.
   */
  onVisible(
    listener: (
      signals: ReadonlySet<"traces" | "metrics" | "logs">,
      tenants: ReadonlySet<string> | undefined,
    ) => void,
  ): () => void;
  /** Inserts what is pending (within `timeoutMs`; the rest stays in segments) and stops the engine. */
  close(timeoutMs?: number): Promise<void>;
}
