import type { Diagnostic, Parsed } from "../base/diagnostic.ts";
import { nearestName } from "../base/nearest.ts";
import type { Arguments, Command, OptionSpec } from "./command.ts";

interface Collected {
  readonly given: Map<string, string[]>;
  /** Options whose value came from the environment. */
  readonly fromEnvironment: Set<string>;
  readonly operands: string[];
  readonly diagnostics: Diagnostic[];
}

/**
 * Reads the words after the command's name against its option table. All problems come back at once.
 * "--name value", "--name=value" and "--" are understood; an option's environment variable is read when the option is absent.
 */
export function parseArguments(
  command: Command,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Parsed<Arguments> {
  const separator = words.indexOf("--");
  const own = separator === -1 ? words : words.slice(0, separator);
  const rest = separator === -1 ? [] : words.slice(separator + 1);
  const collected: Collected = {
    given: new Map(),
    fromEnvironment: new Set(),
    operands: [],
    diagnostics: [],
  };
  readWords(command, own, collected);
  readEnvironment(command, environment, collected);
  checkValues(command, collected);
  const { given, operands, diagnostics } = collected;
  const first = operands[0];
  const subcommand = command.subcommands !== undefined && first !== undefined ? first : undefined;
  if (subcommand !== undefined) operands.shift();
  if (subcommand !== undefined && !Object.hasOwn(command.subcommands ?? {}, subcommand)) {
    const valid = Object.keys(command.subcommands ?? {}).join(", ");
    diagnostics.push(
      problem(`unknown word "${subcommand}" after "${command.name}"`, `valid words: ${valid}`),
    );
  }
  const [unexpected] = command.operands === undefined ? [...operands, ...rest] : [];
  // Behind an unknown option it may well be that one's value.
  if (unexpected !== undefined && diagnostics.length === 0) {
    const place = subcommand === undefined ? command.name : `${command.name} ${subcommand}`;
    diagnostics.push(
      problem(
        `unexpected "${unexpected}" after "${place}"`,
        `it takes options only, each with two dashes: otelier ${command.name} --help`,
      ),
    );
  }
  const defaults = new Map(command.options.map((option) => [option.name, option.default]));
  const value: Arguments = {
    ...(subcommand === undefined ? {} : { subcommand }),
    operands,
    rest,
    value: (name) => given.get(name)?.at(-1) ?? defaults.get(name),
    values: (name) => given.get(name) ?? [],
    flag: (name) => switchedOn.has(given.get(name)?.at(-1) ?? ""),
  };
  return { value, diagnostics };
}

function readWords(command: Command, words: readonly string[], into: Collected): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("--")) {
      if (word.startsWith("-") && word.length > 1) into.diagnostics.push(unknownOption(command, word));
      else into.operands.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = word.slice(2, equals === -1 ? undefined : equals);
    const option = command.options.find((candidate) => candidate.name === name);
    if (option === undefined) {
      into.diagnostics.push(unknownOption(command, word));
      continue;
    }
    let value = equals === -1 ? undefined : word.slice(equals + 1);
    if (option.value === undefined) value ??= "true";
    else value ??= words[++at];
    if (value === undefined) {
      into.diagnostics.push(
        problem(`option "--${name}" needs a value`, `write --${name} ${option.value ?? ""}`.trim()),
      );
      continue;
    }
    const values = into.given.get(name);
    if (values === undefined) into.given.set(name, [value]);
    else values.push(value);
  }
}

/** OTELIER_UP_OTLP_GRPC for "--otlp-grpc" of "up". */
export function environmentName(command: Command, option: OptionSpec): string {
  return `OTELIER_${command.name}_${option.name}`.replaceAll("-", "_").toUpperCase();
}

function readEnvironment(
  command: Command,
  environment: Readonly<Record<string, string | undefined>>,
  into: Collected,
): void {
  for (const option of command.options) {
    const value = environment[environmentName(command, option)];
    if (value !== undefined && value !== "" && !into.given.has(option.name)) {
      into.given.set(option.name, option.repeat === true ? value.split(",") : [value]);
      into.fromEnvironment.add(option.name);
    }
  }
}

const switchedOn: ReadonlySet<string> = new Set(["true", "1"]);
const switchValues: readonly string[] = ["true", "false", "1", "0"];

function checkValues(command: Command, into: Collected): void {
  for (const option of command.options) {
    const choices = option.value === undefined ? switchValues : option.choices;
    if (choices === undefined) continue;
    const isVariable = into.fromEnvironment.has(option.name);
    const what = isVariable ? `variable "${environmentName(command, option)}"` : `option "--${option.name}"`;
    for (const value of into.given.get(option.name) ?? []) {
      if (choices.includes(value)) continue;
      into.diagnostics.push(problem(`${what} cannot be "${value}"`, `one of: ${choices.join(", ")}`));
    }
  }
}

function unknownOption(command: Command, word: string): Diagnostic {
  const names = command.options.map((option) => option.name);
  const near = nearestName(word.replace(/^-+|=.*$/gs, ""), names);
  const known = `options: ${names.map((name) => `--${name}`).join(", ")}`;
  return problem(
    `unknown option "${word}" of "${command.name}"`,
    near === undefined ? known : `did you mean --${near}? ${known}`,
  );
}

function problem(message: string, hint: string): Diagnostic {
  return { severity: "error", code: "bad-argument", message, hint };
}
