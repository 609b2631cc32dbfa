/**
 * Telemetry out of a store and into another one, in pieces that fit memory. Parquet holds the tables' rows as they are; OTLP/JSON holds Export
 * requests, one a line, as the Collector's file exporter writes them. Both give back equal telemetry, types of values included.
 */
import type { Signal } from "../telemetry/signal.ts";
import type { ReadContext, TimeWindow } from "./window.ts";

export type TransferFormat = "parquet" | "otlp-json";

export interface ExportQuery {
  readonly format: TransferFormat;
  readonly signals: readonly Signal[];
  /** All there is, when absent. */
  readonly window?: TimeWindow;
  readonly service?: string;
}

/** One file of an export. */
export interface ExportPiece {
  /** Unique within the export; sorts by time within a table: "otel_traces.20261120T100000Z.parquet". */
  readonly name: string;
  readonly signal: Signal;
  /** Table whose rows it holds; '' for OTLP. */
  readonly table: string;
  readonly window: TimeWindow;
  /** It is share `index` (from 0) of `count` of the rows of the window. */
  readonly share: { readonly index: number; readonly count: number };
  /** Rows when the export was planned; telemetry that arrives meanwhile may add some. */
  readonly rows: number;
}

export interface ImportOptions {
  readonly format: TransferFormat;
  /** Takes telemetry older than the retention and spares it for one more age. */
  readonly keep: boolean;
}

export interface ImportResult {
  readonly rows: number;
  /** Items that cannot be stored, with why. */
  readonly rejected: number;
  readonly reason: string;
}

export interface TelemetryTransfer {
  /** The files that the export is made of, oldest first; none when nothing matches. */
  exportPieces(query: ExportQuery, context: ReadContext): Promise<readonly ExportPiece[]>;
  /** The content of one file; empty for OTLP when retention has dropped its rows meanwhile. */
  exportPiece(query: ExportQuery, piece: ExportPiece, context: ReadContext): Promise<Uint8Array>;
  /**
   * Takes one Parquet file whole, or lines of OTLP/JSON. Resolves when it is safe; the same Parquet file a second time changes nothing.
   * Rejects (permanent) with "import-unreadable", or "import-too-old" before anything of it was taken.
   */
  importPiece(bytes: Uint8Array, options: ImportOptions, context: ReadContext): Promise<ImportResult>;
}
