/** What `otelier storage` needs of a store, whether it runs in a stack or lies in a directory that nobody uses. */
import { existsSync } from "node:fs";
import { OtelierError } from "../../base/error.ts";
import { openStore } from "../../storage/clickhouse/store.ts";
import type { ExportPlanAnswer } from "../../api/explore/wire.ts";
import type { ExportPiece, ExportQuery, ImportOptions, ImportResult } from "../../storage/transfer.ts";
import type { RetentionSettings, StorageReport } from "../../storage/usage.ts";
import type { ReadContext } from "../../storage/window.ts";
import { backupSizeHeader } from "../../api/explore/wire.ts";
import { readTar, type ArchiveFile } from "../../base/tar/tar.ts";
import { StackApi, type ApiRequest } from "./stack-api.ts";

/** A backup as it comes. */
export interface BackupStream {
  /** Of all files; 0 when unknown. */
  readonly sizeBytes: number;
  readonly files: AsyncIterable<ArchiveFile>;
  release(): Promise<void>;
}

export interface StorageAccess {
  storage(): Promise<StorageReport>;
  exportPieces(query: ExportQuery): Promise<readonly ExportPiece[]>;
  exportPiece(query: ExportQuery, piece: ExportPiece): Promise<Uint8Array>;
  importPiece(bytes: Uint8Array, options: ImportOptions): Promise<ImportResult>;
  backup(): Promise<BackupStream>;
  close(): Promise<void>;
}

/** The stack at a URL. `tenant`: whose telemetry; '' names none. */
export function stackAccess(url: string, tenant: string, signal: AbortSignal): StorageAccess {
  const api = new StackApi(url, tenant, signal);
  return {
    storage: () => api.askJson({ method: "GET", path: "/api/storage" }),
    exportPieces: async (query) => {
      const answer = await api.askJson<ExportPlanAnswer>({
        method: "GET",
        path: "/api/storage/export",
        query: queryParameters(query),
      });
      return answer.pieces;
    },
    exportPiece: (query, { signal: pieceSignal, table, window, share }) =>
      api.ask({
        method: "GET",
        path: "/api/storage/export/piece",
        query: {
          ...queryParameters(query),
          pieceSignal,
          table,
          startMs: window.startMs,
          endMs: window.endMs,
          share: share.index,
          shares: share.count,
        },
      }),
    backup: async () => {
      const { body, headers } = await api.stream({ method: "POST", path: "/api/storage/backup" });
      const sizeBytes = Number(headers[backupSizeHeader] ?? 0);
      return { sizeBytes, files: readTar(body), release: () => Promise.resolve() };
    },
    importPiece: (body, { format, keep }) =>
      api.askJson({ method: "POST", path: "/api/storage/import", query: { format, keep }, body }),
    close: () => Promise.resolve(),
  };
}

/** A data directory; a missing one is made only when asked for, else "no-data". Rejects when a stack runs on it. */
export async function directoryAccess(
  directory: string,
  options: {
    readonly create: boolean;
    /** Of a directory that no stack has used yet. */
    readonly lastRetention: RetentionSettings;
    /** Whose telemetry; '' for what is of no tenant. */
    readonly tenant: string;
    readonly signal: AbortSignal;
  },
): Promise<StorageAccess> {
  const { signal, tenant } = options;
  if (!options.create && !existsSync(directory)) {
    throw new OtelierError(`cannot read "${directory}": there is no such directory`, {
      code: "no-data",
      outcome: "permanent",
    });
  }
  const store = await openStore({ dataDirectory: directory, lastRetention: options.lastRetention });
  const context: ReadContext = { tenant, signal };
  return {
    storage: () => store.storage(context),
    backup: async () => {
      const backup = await store.backup(context);
      const { sizeBytes, files } = backup;
      return { sizeBytes, files: inOrder(files), release: () => backup.release() };
    },
    exportPieces: (query) => store.exportPieces(query, context),
    exportPiece: (query, piece) => store.exportPiece(query, piece, context),
    importPiece: (bytes, options) => store.importPiece(bytes, options, context),
    close: () => store.close(),
  };
}

function queryParameters({
  format,
  signals,
  window,
  service,
}: ExportQuery): NonNullable<ApiRequest["query"]> {
  return { format, signal: signals, service, from: window?.startMs, to: window?.endMs };
}

async function* inOrder(files: readonly ArchiveFile[]): AsyncGenerator<ArchiveFile> {
  yield* files;
}
