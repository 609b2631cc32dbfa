/** The part of the API that moves telemetry in and out: answers are bytes, and what comes in may be large. */
import { OtelierError } from "../../base/error.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "../../base/net/http-message.ts";
import { writeTar } from "../../base/tar/tar.ts";
import type { Backup } from "../../storage/backup.ts";
import type { Store } from "../../storage/store.ts";
import type { ExportPiece, ExportQuery, TransferFormat } from "../../storage/transfer.ts";
import type { ReadContext } from "../../storage/window.ts";
import { signals } from "../../telemetry/signal.ts";
import type { Parameters } from "./parameters.ts";
import { backupSizeHeader, type ExportPlanAnswer } from "./wire.ts";

const formats: readonly TransferFormat[] = ["parquet", "otlp-json"];
/** Largest piece of an import: what this program exports stays far below. */
const maxImportBytes = 128 * 1024 * 1024;

type StorageAnswer = (
  store: Store,
  parameters: Parameters,
  request: HttpRequest,
  context: ReadContext,
) => Promise<HttpResponse>;

interface StorageRoute {
  readonly method: "GET" | "POST";
  readonly answer: StorageAnswer;
}

export const storageRoutes: Readonly<Record<string, StorageRoute>> = {
  "/api/storage/export": {
    method: "GET",
    answer: async (store, parameters, _, context) => {
      const query = exportQuery(parameters);
      stopAtProblems(parameters);
      const pieces = await store.exportPieces(query, context);
      return jsonResponse({ pieces } satisfies ExportPlanAnswer);
    },
  },
  "/api/storage/export/piece": {
    method: "GET",
    answer: async (store, parameters, _, context) => {
      const query = exportQuery(parameters);
      const piece = exportedPiece(parameters);
      stopAtProblems(parameters);
      const bytes = await store.exportPiece(query, piece, context);
      return { status: 200, headers: { "content-type": "application/octet-stream" }, body: bytes };
    },
  },
  "/api/storage/backup": {
    method: "POST",
    answer: async (store, _, __, context) => {
      const backup = await store.backup(context);
      return {
        status: 200,
        headers: { "content-type": "application/x-tar", [backupSizeHeader]: String(backup.sizeBytes) },
        body: archiveOf(backup),
      };
    },
  },
  "/api/storage/import": {
    method: "POST",
    answer: async (store, parameters, request, context) => {
      const format = parameters.choice("format", formats, "otlp-json");
      const keep = parameters.choice("keep", ["true", "false"], "false") === "true";
      stopAtProblems(parameters);
      const bytes = await request.readBody({ maxBytes: maxImportBytes, timeoutMs: 300_000 });
      return jsonResponse(await store.importPiece(bytes, { format, keep }, context));
    },
  },
};

/** Frees the backup when it was read, and when the client has left. */
async function* archiveOf(backup: Backup): AsyncGenerator<Uint8Array> {
  try {
    yield* writeTar(backup.files, 0);
  } finally {
    await backup.release();
  }
}

function exportQuery(parameters: Parameters): ExportQuery {
  const service = parameters.text("service");
  const window = parameters.optionalWindow();
  const asked = parameters.all("signal");
  for (const name of asked)
    if (!signals.some((signal) => signal === name))
      parameters.problems.push(`cannot use "signal=${name}": must be one of ${signals.join(", ")}`);
  return {
    format: parameters.choice("format", formats, "otlp-json"),
    signals: asked.length === 0 ? signals : signals.filter((signal) => asked.includes(signal)),
    ...(window === undefined ? {} : { window }),
    ...(service === undefined ? {} : { service }),
  };
}

/** A piece as the plan listed it; what is not given stands for all. */
function exportedPiece(parameters: Parameters): ExportPiece {
  const whole = Number.MAX_SAFE_INTEGER;
  const count = parameters.integer("shares", 1, 1, 1_000_000);
  return {
    name: parameters.text("name") ?? "",
    signal: parameters.choice("pieceSignal", signals, "traces"),
    table: parameters.text("table") ?? "",
    window: {
      startMs: parameters.integer("startMs", 0, 0, whole),
      endMs: parameters.integer("endMs", whole, 0, whole),
    },
    share: { index: parameters.integer("share", 0, 0, count - 1), count },
    rows: 0,
  };
}

function stopAtProblems({ problems }: Parameters): void {
  if (problems.length === 0) return;
  throw new OtelierError(problems.join("; "), { code: "bad-parameter", outcome: "permanent" });
}
