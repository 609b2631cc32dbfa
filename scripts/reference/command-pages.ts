import { environmentName } from "../../src/commands/arguments.ts";
import type { Command } from "../../src/commands/command.ts";

/** docs/reference/commands/<name>.md, from the command's own table. */
export function commandPage(command: Command): string {
  const words = command.subcommands === undefined ? "" : ` [${Object.keys(command.subcommands).join("|")}]`;
  const options = command.options.length === 0 ? "" : " [OPTIONS]";
  const operands = command.operands === undefined ? "" : ` ${command.operands}`;
  const lines = [
    `# otelier ${command.name}`,
    "",
    `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    "",
    "```",
    `otelier ${command.name}${words}${options}${operands}`,
    "```",
    "",
    command.description,
  ];
  if (command.subcommands !== undefined) {
    lines.push("", "| word | |", "|---|---|");
    for (const [word, doc] of Object.entries(command.subcommands))
      lines.push(`| \`${word}\` | ${cell(doc)} |`);
  }
  if (command.options.length > 0) {
    lines.push("", "| option | environment | default | |", "|---|---|---|---|");
    for (const option of command.options) {
      const flag = `--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`;
      const choices = option.choices === undefined ? "" : ` (${option.choices.join(", ")})`;
      const again = option.repeat === true ? "; may be given several times" : "";
      const byDefault = option.default === undefined ? "" : `\`${option.default}\``;
      lines.push(
        `| \`${flag}\` | \`${environmentName(command, option)}\` | ${byDefault} | ${cell(`${option.doc}${choices}${again}`)} |`,
      );
    }
  }
  if (command.examples.length > 0) {
    lines.push("", "## Examples", "", "```sh");
    for (const { command: line, doc } of command.examples) lines.push(`# ${doc}`, line);
    lines.push("```");
  }
  const codes = { "0": "done", "1": "failed", "2": "bad input", ...command.exitCodes };
  lines.push("", "## Exit codes", "", "| code | |", "|---|---|");
  for (const [code, doc] of Object.entries(codes)) lines.push(`| ${code} | ${cell(doc)} |`);
  return `${lines.join("\n")}\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
