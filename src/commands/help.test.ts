import { expect, test } from "vitest";
import type { Command } from "./command.ts";
import { printHelp, printOverview } from "./help.ts";
import { commands } from "./index.ts";

const bare: Command = {
  name: "wait",
  summary: "wait a while",
  description: "Waits.",
  options: [],
  examples: [],
  run: () => Promise.resolve(0),
};
const full: Command = {
  ...bare,
  name: "run",
  summary: "run a program",
  operands: "-- COMMAND",
  subcommands: { check: "only look" },
  options: [
    { name: "mode", value: "MODE", doc: "how", choices: ["a", "b"], default: "a" },
    { name: "dry-run", doc: "only print" },
  ],
  examples: [{ command: "otelier run -- node app.js", doc: "one program" }],
  exitCodes: { 127: "not found" },
};

test("the overview lists every command", () => {
  expect(printOverview([bare, full], "1.2.3")).toBe(`otelier 1.2.3: OpenTelemetry end to end in one program

usage: otelier COMMAND [OPTIONS]

  wait  wait a while
  run   run a program

otelier COMMAND --help shows the options of a command, with examples.
`);
});

test("a command without options", () => {
  expect(printHelp(bare)).toBe(`usage: otelier wait

Waits.

exit codes: 0 done, 1 failed, 2 bad input
`);
});

test("a command with everything", () => {
  expect(printHelp(full)).toBe(`usage: otelier run [check] [OPTIONS] -- COMMAND

Waits.

  check           only look

options:
  --mode MODE  how (a | b) [default: a]
  --dry-run    only print

each option can be set by its environment variable, such as OTELIER_RUN_MODE.

examples:
  otelier run -- node app.js
      one program

exit codes: 0 done, 1 failed, 2 bad input
  127  not found
`);
});

test.each(commands.map((command) => [command.name, command] as const))(
  "%s keeps the rules of commands",
  (_, command) => {
    expect(command.summary).toMatch(/^[a-zA-Z`][^\n]*[^.\n]$/);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { command: line } of command.examples) expect(line).toContain(`otelier ${command.name}`);
    const names = command.options.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const option of command.options) {
      expect(option.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(option.doc).not.toBe("");
      if (option.choices !== undefined && option.default !== undefined)
        expect(option.choices).toContain(option.default);
    }
    for (const line of printHelp(command).split("\n")) expect(line.length).toBeLessThanOrEqual(200);
  },
);
