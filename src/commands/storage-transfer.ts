/** The words of `otelier storage` that copy: backup, restore, export, import. */
import path from "node:path";
import { printByteSize } from "../base/byte-size.ts";
import { systemClock } from "../base/clock.ts";
import { OtelierError } from "../base/error.ts";
import { startProgress, type Progress } from "../instrument/progress.ts";
import type { StorageAccess } from "../stack/storage/access.ts";
import { backUpTo, restoreFrom } from "../stack/storage/backup-files.ts";
import { exportToDirectory } from "../stack/storage/export-files.ts";
import { importFiles } from "../stack/storage/import-files.ts";
import type { ExportQuery, TransferFormat } from "../storage/transfer.ts";
import type { TimeWindow } from "../storage/window.ts";
import { signals } from "../telemetry/signal.ts";
import type { Arguments, CommandIo } from "./command.ts";
import { parseTime } from "./parse-time.ts";

export async function backUp(access: StorageAccess, args: Arguments, io: CommandIo): Promise<number> {
  const target = pathOf(args.operands[0], io);
  const bytes = await backUpTo(access, target, progressOf("backing up (MiB)", io));
  io.stderr.write(`otelier: backed up ${printByteSize(bytes)} to ${target}\n`);
  return 0;
}

export async function restore(args: Arguments, io: CommandIo): Promise<number> {
  const source = pathOf(args.operands[0], io);
  const directory = pathOf(args.value("data"), io);
  const restored = await restoreFrom(source, directory, progressOf("restoring (MiB)", io));
  const made = new Date(restored.createdMs).toISOString();
  io.stderr.write(
    `otelier: restored ${restored.rows.toLocaleString("en")} rows of ${made} to ${directory}; start it with otelier up --data ${directory}\n`,
  );
  return 0;
}

export async function exportTelemetry(
  access: StorageAccess,
  args: Arguments,
  io: CommandIo,
): Promise<number> {
  const directory = pathOf(args.operands[0], io);
  const query = exportQuery(args);
  const { files, bytes } = await exportToDirectory(
    access,
    query,
    directory,
    progressOf("exporting (files)", io),
  );
  io.stderr.write(
    files === 0
      ? "otelier: nothing matches: no file was written\n"
      : `otelier: exported ${printByteSize(bytes)} in ${files} files to ${directory}\n`,
  );
  return 0;
}

export async function importTelemetry(
  access: StorageAccess,
  args: Arguments,
  io: CommandIo,
): Promise<number> {
  const format = formatOf(args);
  const result = await importFiles(
    access,
    {
      paths: args.operands.map((operand) => pathOf(operand, io)),
      ...(format === undefined ? {} : { format }),
      keep: args.flag("keep"),
    },
    progressOf("importing (MiB)", io),
  );
  io.stderr.write(`otelier: imported ${result.rows.toLocaleString("en")} rows of ${result.files} files\n`);
  if (result.rejected > 0)
    io.stderr.write(
      `otelier: ${result.rejected.toLocaleString("en")} items could not be kept: ${result.reason}\n`,
    );
  return 0;
}

function exportQuery(args: Arguments): ExportQuery {
  const service = args.value("service");
  const asked = args.values("signal");
  const window = windowOf(args);
  return {
    format: formatOf(args) ?? "otlp-json",
    signals: asked.length === 0 ? signals : signals.filter((signal) => asked.includes(signal)),
    ...(service === undefined ? {} : { service }),
    ...(window === undefined ? {} : { window }),
  };
}

/** The parser has checked the choices. */
function formatOf(args: Arguments): TransferFormat | undefined {
  const format = args.value("format");
  return format === "parquet" || format === "otlp-json" ? format : undefined;
}

function windowOf(args: Arguments): TimeWindow | undefined {
  if (args.value("from") === undefined && args.value("to") === undefined) return undefined;
  const nowMs = systemClock.now();
  const read = (name: string, fallback: number): number => {
    const text = args.value(name);
    const ms = text === undefined ? fallback : parseTime(text, nowMs);
    if (ms !== undefined) return ms;
    throw badArgument(
      `option "--${name}" cannot be "${text}": write a time as 2026-11-20, 2026-11-20T10:00Z, or 7d for 7 days ago`,
    );
  };
  const window = { startMs: read("from", 0), endMs: read("to", nowMs) };
  if (window.startMs < window.endMs) return window;
  throw badArgument(
    `option "--from" (${args.value("from")}) must be before "--to" (${args.value("to") ?? "now"})`,
  );
}

function badArgument(message: string): OtelierError {
  return new OtelierError(message, { code: "bad-argument", outcome: "permanent" });
}

function progressOf(title: string, io: CommandIo): Progress {
  if (io.stderr.isTTY !== true) return { update: () => {}, end: () => {} };
  return startProgress(title, io.stderr);
}

function pathOf(text: string | undefined, io: CommandIo): string {
  return path.resolve(io.workingDirectory, text ?? "");
}
