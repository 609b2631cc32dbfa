import { environmentName } from "./arguments.ts";
import type { Command } from "./command.ts";

/** The page that `otelier --help` prints. */
export function printOverview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    `otelier ${version}: OpenTelemetry end to end in one program`,
    "",
    "usage: otelier COMMAND [OPTIONS]",
    "",
    ...lines,
    "",
    "otelier COMMAND --help shows the options of a command, with examples.",
    "",
  ].join("\n");
}

/** The page that `otelier COMMAND --help` prints. */
export function printHelp(command: Command): string {
  const rows = command.options.map((option) => {
    const flag = `--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`;
    const choices = option.choices === undefined ? "" : ` (${option.choices.join(" | ")})`;
    const byDefault = option.default === undefined ? "" : ` [default: ${option.default}]`;
    return { flag, doc: `${option.doc}${choices}${byDefault}` };
  });
  const width = Math.max(0, ...rows.map((row) => row.flag.length));
  const sections = [`usage: otelier ${usage(command)}`, "", command.description];
  if (command.subcommands !== undefined) {
    sections.push(
      "",
      ...Object.entries(command.subcommands).map(([name, doc]) => `  ${name.padEnd(14)}  ${doc}`),
    );
  }
  if (rows.length > 0) {
    sections.push("", "options:", ...rows.map((row) => `  ${row.flag.padEnd(width)}  ${row.doc}`));
    const example = command.options[0];
    if (example !== undefined) {
      sections.push(
        "",
        `each option can be set by its environment variable, such as ${environmentName(command, example)}.`,
      );
    }
  }
  if (command.examples.length > 0) {
    sections.push("", "examples:");
    for (const { command: line, doc } of command.examples) sections.push(`  ${line}`, `      ${doc}`);
  }
  const codes = Object.entries(command.exitCodes ?? {});
  sections.push(
    "",
    "exit codes: 0 done, 1 failed, 2 bad input",
    ...codes.map(([code, doc]) => `  ${code}  ${doc}`),
    "",
  );
  return sections.join("\n");
}

function usage(command: Command): string {
  const words = command.subcommands === undefined ? "" : ` [${Object.keys(command.subcommands).join("|")}]`;
  const options = command.options.length === 0 ? "" : " [OPTIONS]";
  return `${command.name}${words}${options}${command.operands === undefined ? "" : ` ${command.operands}`}`;
}
