#!/usr/bin/env node
/** The bin: argument vector -> command -> exit code. The only place that ends the process. */
import process from "node:process";
import { systemClock } from "./base/clock.ts";
import { hasErrors } from "./base/diagnostic.ts";
import { messageOf } from "./base/error.ts";
import { printDiagnostic } from "./base/print-diagnostic.ts";
import { parseArguments } from "./commands/arguments.ts";
import type { CommandIo } from "./commands/command.ts";
import { printHelp, printOverview } from "./commands/help.ts";
import { commands } from "./commands/index.ts";
import { packageVersion } from "./base/package-version.ts";

async function main(words: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    io.stdout.write(printOverview(commands, packageVersion()));
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "version") {
    io.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const known = commands.map((candidate) => candidate.name).join(", ");
    io.stderr.write(`otelier: unknown command "${name}" (commands: ${known})\n`);
    return 2;
  }
  const separator = rest.indexOf("--");
  const own = separator === -1 ? rest : rest.slice(0, separator);
  if (own.includes("--help") || own.includes("-h")) {
    io.stdout.write(printHelp(command));
    return 0;
  }
  const { value, diagnostics } = parseArguments(command, rest, io.environment);
  for (const diagnostic of diagnostics) io.stderr.write(`${printDiagnostic(diagnostic)}\n`);
  if (hasErrors(diagnostics)) return 2;
  if (command.ownsSignals !== true) stopOnSignals();
  return command.run(value, io);
}

const stop = new AbortController();
/** A repeat that is younger came with the first: a terminal or `timeout` signals the whole group, and npm passes on what it got. */
const impatientAfterMs = 500;

/** The first signal stops orderly; a person who presses Ctrl-C again does not want to wait. */
function stopOnSignals(): void {
  let firstMs: number | undefined;
  process.on("SIGTERM", () => stop.abort());
  process.on("SIGINT", () => {
    const nowMs = systemClock.monotonic();
    if (firstMs !== undefined && nowMs - firstMs > impatientAfterMs) process.exit(130);
    firstMs ??= nowMs;
    stop.abort();
  });
}
const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  workingDirectory: process.cwd(),
  stopSignal: stop.signal,
};
// A reader that went away (`otelier ... | head`) is no failure.
process.stdout.on("error", () => process.exit(0));
main(process.argv.slice(2), io).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`otelier: ${messageOf(error)}\n`);
    process.exit(1);
  },
);
