import { totalmem } from "node:os";
import path from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { parseByteSize, printByteSize } from "../base/byte-size.ts";
import { parseTcpAddress } from "../base/net/address.ts";
import { printDiagnostic } from "../base/print-diagnostic.ts";
import { builtInConfig } from "../stack/built-in-config.ts";
import { defaultMaxSeries, maxKnownSeries } from "../storage/clickhouse/writer/transcode/known-series.ts";
import { defaultMaxAttributeKeys } from "../storage/clickhouse/writer/catalogue/key-guard.ts";
import type { StackOptions } from "../stack/up.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";
import { packageVersion } from "../base/package-version.ts";
import { defaultRetention, parseRetention } from "./retention-ages.ts";

const mib = 1024 * 1024;

export const upCommand: Command = {
  name: "up",
  summary: "run the whole stack: receive, store, query, explore",
  description: [
    "Receives OTLP, keeps it on disk in an embedded ClickHouse, and serves the UI and the API. One command, one machine, no containers.",
    "Listens on localhost only; another address needs authentication or --insecure-bind.",
  ].join("\n"),
  options: [
    { name: "data", value: "DIR", default: ".otelier", doc: "where telemetry is kept" },
    {
      name: "otlp-grpc",
      value: "ADDR",
      default: "localhost:4317",
      doc: "first OTLP address; takes every protocol",
    },
    {
      name: "otlp-http",
      value: "ADDR",
      default: "localhost:4318",
      doc: "second OTLP address; takes every protocol",
    },
    { name: "http", value: "ADDR", default: "localhost:4319", doc: "UI and API" },
    {
      name: "config",
      value: "FILE",
      repeat: true,
      doc: "Collector configuration to run instead of the built-in one",
    },
    { name: "print-config", doc: "print the built-in configuration and stop" },
    { name: "demo", doc: "run the demo shop too, instrumented, under steady load" },
    {
      name: "retention",
      value: "AGE",
      default: defaultRetention,
      doc: "drop telemetry older than this; 0 keeps all; 7d,logs=2d,acme/all=30d,acme/logs=1d gives signals and tenants an age of their own",
    },
    {
      name: "max-disk",
      value: "SIZE",
      default: "5GB",
      doc: "drop the oldest telemetry beyond this; 0 means no limit",
    },
    {
      name: "max-series",
      value: "N",
      default: String(defaultMaxSeries),
      doc: "refuse data points of new metric series beyond this number a day and tenant; 0 means no limit",
    },
    {
      name: "max-attribute-keys",
      value: "N",
      default: String(defaultMaxAttributeKeys),
      doc: "list only the most used attribute keys beyond this number a day, tenant, signal and kind; telemetry is kept; 0 means no limit",
    },
    {
      name: "durability",
      value: "WHERE",
      choices: ["disk", "memory"],
      default: "disk",
      doc: "where telemetry must be when its sender is answered; memory is faster, and a power cut may lose the last seconds",
    },
    {
      name: "memory-limit",
      value: "SIZE",
      doc: "memory of program and engine together; telemetry is refused before it is exceeded [default: a quarter of the machine, at most 2GiB]",
    },
    {
      name: "clickhouse",
      value: "URL",
      doc: "keep telemetry in this ClickHouse server instead (http://user:password@host:8123/database)",
    },
    {
      name: "basic-auth",
      value: "FILE",
      doc: "ask for a name and password of this htpasswd file, on every port",
    },
    { name: "bearer-token", value: "FILE", doc: "ask for a token of this file, on every port" },
    {
      name: "own-metrics",
      doc: 'keep Otelier\'s own metrics too, every 10 s, as those of service "otelier"',
    },
    {
      name: "own-traces",
      doc: 'keep traces of Otelier\'s own work too: of two requests of each signal a second, from their arrival to the table, as service "otelier"',
    },
    {
      name: "multitenancy",
      doc: "keep telemetry of several tenants apart: each request, to send and to ask, names its tenant by the header X-Scope-OrgID",
    },
    { name: "insecure-bind", doc: "allow other addresses than localhost without authentication" },
  ],
  examples: [
    {
      command: "otelier up",
      doc: "the stack; then send OTLP to port 4317 or 4318 and open http://localhost:4319",
    },
    { command: "otelier up --demo", doc: "with three services that send telemetry" },
    { command: "otelier up --data /var/lib/otelier --retention 30d --max-disk 200GB", doc: "keep more" },
    {
      command: "otelier up --multitenancy --retention 7d,acme/all=30d",
      doc: "several tenants, one of which keeps its telemetry longer",
    },
    { command: "otelier up --print-config > otelier.yaml", doc: "start from the built-in configuration" },
  ],
  run,
};

async function run(args: Arguments, io: CommandIo): Promise<number> {
  const problems: Diagnostic[] = [];
  const options = readOptions(args, io, problems);
  for (const problem of problems) io.stderr.write(`${printDiagnostic(problem)}\n`);
  if (problems.length > 0) return 2;
  if (args.flag("print-config")) {
    io.stdout.write(builtInConfig({ ...options, clickhouse: withoutPassword(options.clickhouse) }));
    return 0;
  }
  const { runStack } = await import("../stack/up.ts");
  return runStack(options, io);
}

function readOptions(args: Arguments, io: CommandIo, problems: Diagnostic[]): StackOptions {
  const size = (name: string, fallback: number): number => {
    const text = args.value(name);
    if (text === undefined) return fallback;
    const bytes = parseByteSize(text);
    if (bytes === undefined) problems.push(bad(name, text, "write a size as 512MiB, 5GB or 0"));
    return bytes ?? fallback;
  };
  const retention = args.value("retention") ?? defaultRetention;
  const ages = parseRetention(retention);
  if (ages === undefined)
    problems.push(
      bad(
        "retention",
        retention,
        "write an age as 7d, 12h or 0, and others behind it as 7d,logs=2d,TENANT/all=30d,TENANT/logs=1d",
      ),
    );
  const addresses = ["otlp-grpc", "otlp-http", "http"].flatMap((name) => addressProblem(name, args));
  problems.push(...addresses);
  const memoryBytes = size("memory-limit", Math.min(2048 * mib, totalmem() / 4));
  if (memoryBytes < 256 * mib) {
    problems.push(bad("memory-limit", printByteSize(memoryBytes), "the stack needs at least 256MiB"));
  }
  return {
    dataDir: path.resolve(io.workingDirectory, args.value("data") ?? ".otelier"),
    otlpGrpc: args.value("otlp-grpc") ?? "",
    otlpHttp: args.value("otlp-http") ?? "",
    http: args.value("http") ?? "",
    configFiles: args.values("config"),
    demo: args.flag("demo"),
    retentionMs: ages?.maxAgeMs ?? 0,
    signalRetentionMs: ages?.signals ?? {},
    retentionText: retention,
    version: packageVersion(),
    maxDiskBytes: size("max-disk", 0),
    tenantRetention: ages?.tenants ?? {},
    maxSeries: boundOf("max-series", defaultMaxSeries, args, problems),
    maxAttributeKeys: boundOf("max-attribute-keys", defaultMaxAttributeKeys, args, problems),
    maxDiskText: args.value("max-disk") ?? "",
    memoryLimitMib: Math.floor(memoryBytes / mib),
    clickhouse: args.value("clickhouse") ?? "",
    basicAuthFile: filePath(args.value("basic-auth"), io),
    bearerTokenFile: filePath(args.value("bearer-token"), io),
    ownMetrics: args.flag("own-metrics"),
    ownTraces: args.flag("own-traces"),
    multitenancy: args.flag("multitenancy"),
    insecureBind: args.flag("insecure-bind"),
    durability: args.value("durability") === "memory" ? "memory" : "disk",
  };
}

function addressProblem(name: string, args: Arguments): Diagnostic[] {
  const text = args.value(name) ?? "";
  const address = parseTcpAddress(text);
  return "problem" in address
    ? [bad(name, text, `write HOST:PORT, as localhost:4317; ${address.problem}`)]
    : [];
}

function boundOf(name: string, fallback: number, args: Arguments, problems: Diagnostic[]): number {
  const text = args.value(name) ?? "";
  const bound = /^\d{1,9}$/.test(text) ? Number(text) : Infinity;
  if (bound <= maxKnownSeries) return bound;
  problems.push(bad(name, text, `write a number up to ${maxKnownSeries}, or 0 for no limit`));
  return fallback;
}

/** A printed configuration holds no secrets: the password is to come from the environment. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/]*):[^@/]*@/i, "$1:${env:CLICKHOUSE_PASSWORD}@");
}

function filePath(text: string | undefined, io: CommandIo): string {
  return text === undefined ? "" : path.resolve(io.workingDirectory, text);
}

function bad(option: string, value: string, hint: string): Diagnostic {
  return {
    severity: "error",
    code: "bad-argument",
    message: `option "--${option}" cannot be "${value}"`,
    hint,
  };
}
