import { existsSync } from "node:fs";
import path from "node:path";
import { messageOf, OtelierError } from "../base/error.ts";
import { printDiagnostic } from "../base/print-diagnostic.ts";
import type { TableAnswer } from "../storage/store.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";
import { orgIdOption, readOrgId } from "./org-id.ts";
import { printTable, printTsv } from "./print-table.ts";

const defaultUrl = "http://127.0.0.1:4319";

export const queryCommand: Command = {
  name: "query",
  summary: "ask the store from the shell",
  description: [
    "Asks the running stack. When none runs, --data DIR reads the telemetry that lies there.",
    "One SELECT over the telemetry tables (otel_traces, otel_logs, otel_metric_series, otel_metric_samples, ...), read only, within limits of",
    "time, memory and 10,000 rows. Functions that reach beyond those tables are refused.",
    "A stack of several tenants refuses SQL, since nothing in it names one; a directory is read when it holds the telemetry of one alone.",
  ].join("\n"),
  options: [
    { name: "sql", value: "SELECT", doc: "the query" },
    {
      name: "format",
      value: "FORMAT",
      doc: "how to print the answer",
      default: "table",
      choices: ["table", "tsv", "json"],
    },
    { name: "url", value: "URL", doc: "where the stack's API is", default: defaultUrl },
    { name: "data", value: "DIR", doc: "read this data directory; for when no stack runs on it" },
    orgIdOption,
    { name: "json", doc: "the same as --format json" },
  ],
  examples: [
    {
      command: `otelier query --sql "SELECT ServiceName, count() FROM otel_traces GROUP BY ServiceName"`,
      doc: "spans by service",
    },
    {
      command: `otelier query --format tsv --sql "SELECT Body FROM otel_logs WHERE SeverityNumber >= 17 LIMIT 20"`,
      doc: "errors, for other tools",
    },
  ],
  run,
};

async function run(args: Arguments, io: CommandIo): Promise<number> {
  const sql = args.value("sql");
  const { tenant, problem } = readOrgId(args);
  if (problem !== undefined) {
    io.stderr.write(`${printDiagnostic(problem)}\n`);
    return 2;
  }
  if (sql === undefined) {
    const message = `"--sql" is missing`;
    const hint = `otelier query --sql "SELECT count() FROM otel_traces"`;
    io.stderr.write(`${printDiagnostic({ severity: "error", code: "bad-argument", message, hint })}\n`);
    return 2;
  }
  try {
    const answer = await ask(sql, tenant, args, io);
    io.stdout.write(print(answer, args.flag("json") ? "json" : (args.value("format") ?? "table")));
    if (answer.truncated)
      io.stderr.write(`otelier: showing the first ${answer.rows.length} rows; add LIMIT or WHERE\n`);
    return 0;
  } catch (error) {
    io.stderr.write(`otelier: ${messageOf(error)}\n`);
    return error instanceof OtelierError && error.code === "sql-refused" ? 2 : 1;
  }
}

async function ask(sql: string, tenant: string, args: Arguments, io: CommandIo): Promise<TableAnswer> {
  const { openSqlStore, querySqlOver } = await import("../stack/query-sql.ts");
  const data = args.value("data");
  const context = { tenant, signal: io.stopSignal };
  if (data === undefined) return querySqlOver(args.value("url") ?? defaultUrl, sql, context);
  const directory = path.resolve(io.workingDirectory, data);
  if (!existsSync(directory)) {
    throw new OtelierError(`cannot read "${directory}": there is no such directory`, {
      code: "no-data",
      outcome: "permanent",
    });
  }
  const store = await openSqlStore(directory);
  try {
    return await store.sql(sql, context);
  } finally {
    await store.close();
  }
}

function print(answer: TableAnswer, format: string): string {
  if (format === "json") return `${JSON.stringify(answer)}\n`;
  return format === "tsv" ? printTsv(answer) : printTable(answer);
}
