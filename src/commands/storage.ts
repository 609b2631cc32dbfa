import path from "node:path";
import { messageOf, OtelierError } from "../base/error.ts";
import { printDiagnostic } from "../base/print-diagnostic.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { StorageAccess } from "../stack/storage/access.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";
import { orgIdOption, readOrgId } from "./org-id.ts";
import { printStorage } from "./print-storage.ts";
import { defaultRetention, parseRetention, type RetentionAges } from "./retention-ages.ts";

const defaultUrl = "http://127.0.0.1:4319";

export const storageCommand: Command = {
  name: "storage",
  summary: "what is kept and what it costs; backup, restore, export, import",
  operands: "[FILE|DIR ...]",
  description: [
    "Without a word: bytes and rows by signal, service and attribute key, and what retention drops next.",
    "Asks the running stack. When none runs, --data DIR uses the telemetry that lies there.",
  ].join("\n"),
  subcommands: {
    backup: "copy all that is kept at one moment to FILE.tar or DIR; the stack goes on",
    restore: "make the data directory --data DIR, which must be empty, of FILE.tar or DIR",
    export: "write telemetry to DIR, as Parquet or OTLP/JSON",
    import: "take files of an export, or of the Collector's file exporter: FILE or DIR, several if need be",
  },
  options: [
    { name: "url", value: "URL", doc: "where the stack's API is", default: defaultUrl },
    { name: "data", value: "DIR", doc: "use this data directory; for when no stack runs on it" },
    orgIdOption,
    { name: "json", doc: "print JSON (StorageReport of the API)" },
    { name: "top", value: "N", doc: "services and attributes to list", default: "10" },
    {
      name: "format",
      value: "FORMAT",
      doc: "of export: what to write [default: otlp-json]; of import: what the files are [default: by their names]",
      choices: ["parquet", "otlp-json"],
    },
    {
      name: "signal",
      value: "SIGNAL",
      repeat: true,
      doc: "export this signal only; may be given several times",
      choices: ["traces", "metrics", "logs"],
    },
    { name: "service", value: "NAME", doc: "export what this service sent only" },
    {
      name: "from",
      value: "TIME",
      doc: "export from this time on (2026-11-20, 2026-11-20T10:00Z, or 7d for 7 days ago)",
    },
    { name: "to", value: "TIME", doc: "export what is before this time [default: now]" },
    { name: "keep", doc: "import what is older than the retention too, and keep it for one more age" },
  ],
  examples: [
    { command: "otelier storage", doc: "what is kept, what costs most, what goes next" },
    { command: "otelier storage --json | jq .upcoming", doc: "for other tools" },
    {
      command: "otelier storage backup monday.tar",
      doc: "then: otelier storage restore monday.tar --data DIR",
    },
    {
      command: "otelier storage export incident --format parquet --service checkout --from 2h",
      doc: "the last two hours of one service, for DuckDB, pandas and the like",
    },
    {
      command: "otelier storage --org-id acme",
      doc: "what one tenant keeps, where a stack has several",
    },
    { command: "otelier storage import incident --keep", doc: "into another stack, however old it is" },
  ],
  run,
};

/** Errors of what the user gave. */
const badInput = new Set(["bad-argument", "directory-not-empty", "file-exists", "no-data"]);

async function run(args: Arguments, io: CommandIo): Promise<number> {
  const problem = problemWith(args);
  if (problem !== undefined) {
    io.stderr.write(`${printDiagnostic(problem)}\n`);
    return 2;
  }
  try {
    const { restore } = await import("./storage-transfer.ts");
    if (args.subcommand === "restore") return await restore(args, io);
    const access = await openAccess(args, io);
    try {
      return await runOn(access, args, io);
    } finally {
      await access.close();
    }
  } catch (error) {
    io.stderr.write(`otelier: ${messageOf(error)}\n`);
    return error instanceof OtelierError && badInput.has(error.code) ? 2 : 1;
  }
}

function problemWith(args: Arguments): Diagnostic | undefined {
  const bad = (message: string, hint: string): Diagnostic => ({
    severity: "error",
    code: "bad-argument",
    message,
    hint,
  });
  const { subcommand, operands } = args;
  const top = args.value("top") ?? "";
  if (!/^\d{1,3}$/.test(top)) return bad(`option "--top" cannot be "${top}"`, "write a number from 0 to 999");
  const { problem } = readOrgId(args);
  if (problem !== undefined) return problem;
  if (subcommand === undefined) return undefined;
  if (operands.length === 0 || (operands.length > 1 && subcommand !== "import")) {
    const what = subcommand === "export" ? "DIR" : "FILE.tar";
    return bad(
      `"storage ${subcommand}" needs ${subcommand === "import" ? "files or directories" : "one file or directory"}, got ${operands.length}`,
      `write otelier storage ${subcommand} ${subcommand === "import" ? "FILE ..." : what}`,
    );
  }
  if (subcommand === "restore" && args.value("data") === undefined)
    return bad(
      `"--data" is missing`,
      `name the directory to make: otelier storage restore ${operands[0]} --data DIR`,
    );
  return undefined;
}

async function openAccess(args: Arguments, io: CommandIo): Promise<StorageAccess> {
  const { directoryAccess, stackAccess } = await import("../stack/storage/access.ts");
  const data = args.value("data");
  const { tenant } = readOrgId(args);
  if (data === undefined) return stackAccess(args.value("url") ?? defaultUrl, tenant, io.stopSignal);
  const create = args.subcommand === "import";
  const ages: RetentionAges = parseRetention(defaultRetention) ?? { maxAgeMs: 0, signals: {}, tenants: {} };
  const { traces = ages.maxAgeMs, metrics = ages.maxAgeMs, logs = ages.maxAgeMs } = ages.signals;
  return directoryAccess(path.resolve(io.workingDirectory, data), {
    create,
    tenant,
    lastRetention: { maxAgeMs: { traces, metrics, logs }, maxBytes: 0 },
    signal: io.stopSignal,
  });
}

async function runOn(access: StorageAccess, args: Arguments, io: CommandIo): Promise<number> {
  const { backUp, exportTelemetry, importTelemetry } = await import("./storage-transfer.ts");
  switch (args.subcommand) {
    case "backup":
      return backUp(access, args, io);
    case "export":
      return exportTelemetry(access, args, io);
    case "import":
      return importTelemetry(access, args, io);
    default: {
      const kept = await access.storage();
      const top = Number(args.value("top") ?? "10");
      io.stdout.write(args.flag("json") ? `${JSON.stringify(kept)}\n` : printStorage(kept, top));
      return 0;
    }
  }
}
