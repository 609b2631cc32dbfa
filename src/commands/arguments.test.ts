import { describe, expect, test } from "vitest";
import { environmentName, parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";

const command: Command = {
  name: "up",
  summary: "",
  description: "",
  options: [
    { name: "data", value: "DIR", default: ".otelier", doc: "" },
    { name: "config", value: "FILE", repeat: true, doc: "" },
    { name: "format", value: "FORMAT", choices: ["table", "json"], doc: "" },
    { name: "demo", doc: "" },
    { name: "otlp-grpc", value: "ADDR", doc: "" },
  ],
  examples: [],
  run: () => Promise.resolve(0),
};
const withWords: Command = { ...command, name: "collector", subcommands: { validate: "", components: "" } };

function read(line: string, environment: Record<string, string> = {}, of = command): object {
  const { value, diagnostics } = parseArguments(of, line === "" ? [] : line.split(" "), environment);
  expect(diagnostics).toEqual([]);
  return {
    data: value.value("data"),
    config: value.values("config"),
    format: value.value("format"),
    demo: value.flag("demo"),
    operands: value.operands,
    rest: value.rest,
    subcommand: value.subcommand,
  };
}
const nothing = {
  data: ".otelier",
  config: [],
  format: undefined,
  demo: false,
  operands: [],
  rest: [],
  subcommand: undefined,
};

describe("reads", () => {
  test.each([
    ["", {}],
    ["--data x", { data: "x" }],
    ["--data=x", { data: "x" }],
    ["--data=x=y", { data: "x=y" }],
    ["--data=", { data: "" }],
    ["--data --demo", { data: "--demo" }],
    ["--data a --data b", { data: "b" }],
    ["--config a --config=b", { config: ["a", "b"] }],
    ["--demo", { demo: true }],
    ["--demo=false", { demo: false }],
    ["--demo=true", { demo: true }],
    ["--format json", { format: "json" }],
    ["--", {}],
  ])("%s", (line, expected) => {
    expect(read(line)).toEqual({ ...nothing, ...expected });
  });

  test.each([
    ["one - two", { operands: ["one", "-", "two"] }],
    ["one --demo two", { operands: ["one", "two"], demo: true }],
    ["--demo -- node --demo -x -- y", { demo: true, rest: ["node", "--demo", "-x", "--", "y"] }],
  ])("words of a command that takes them: %s", (line, expected) => {
    const taking = { ...command, operands: "[FILE ...] -- COMMAND" };
    expect(read(line, {}, taking)).toEqual({ ...nothing, ...expected });
  });

  test.each([
    [command, "--demo one two", 'unexpected "one" after "up"'],
    [command, "-- one", 'unexpected "one" after "up"'],
    [withWords, "validate one", 'unexpected "one" after "collector validate"'],
  ])("$name $1: no word that it would not read", (of, line, message) => {
    const { diagnostics } = parseArguments(of, line.split(" "), {});
    expect(diagnostics.map((one) => one.message)).toEqual([message]);
  });

  test("a word that must stand first", () => {
    const taking = { ...withWords, operands: "[FILE]" };
    expect(read("validate --demo x", {}, taking)).toEqual({
      ...nothing,
      subcommand: "validate",
      operands: ["x"],
      demo: true,
    });
  });
});

describe("environment", () => {
  test.each([
    ["", { OTELIER_UP_DATA: "y" }, { data: "y" }],
    ["--data x", { OTELIER_UP_DATA: "y" }, { data: "x" }],
    ["", { OTELIER_UP_DATA: "" }, {}],
    ["", { OTELIER_UP_CONFIG: "a,b" }, { config: ["a", "b"] }],
    ["--config c", { OTELIER_UP_CONFIG: "a,b" }, { config: ["c"] }],
    ["", { OTELIER_UP_DEMO: "true" }, { demo: true }],
    ["", { OTELIER_UP_DEMO: "1" }, { demo: true }],
    ["", { OTELIER_UP_DEMO: "false" }, { demo: false }],
    ["--demo=false", { OTELIER_UP_DEMO: "true" }, { demo: false }],
  ])("%j with %j", (line, environment, expected) => {
    expect(read(line, environment)).toEqual({ ...nothing, ...expected });
  });

  test("names are those of the option in capitals", () => {
    expect(environmentName(command, { name: "otlp-grpc", doc: "" })).toBe("OTELIER_UP_OTLP_GRPC");
  });
});

describe("refuses", () => {
  test.each([
    ["--dta x", [`unknown option "--dta" of "up"`]],
    ["--data=x --dta=x", [`unknown option "--dta=x" of "up"`]],
    ["-d x", [`unknown option "-d" of "up"`]],
    ["--data", [`option "--data" needs a value`]],
    ["--format xml", [`option "--format" cannot be "xml"`]],
    ["--demo=maybe", [`option "--demo" cannot be "maybe"`]],
    [
      "--one --format xml --data",
      [
        `unknown option "--one" of "up"`,
        `option "--data" needs a value`,
        `option "--format" cannot be "xml"`,
      ],
    ],
  ])("%s", (line, messages) => {
    const { diagnostics } = parseArguments(command, line.split(" "), {});
    expect(diagnostics.map(({ message }) => message)).toEqual(messages);
    for (const { severity, code, hint } of diagnostics) {
      expect([severity, code]).toEqual(["error", "bad-argument"]);
      expect(hint).not.toBe("");
    }
  });

  test("a bad value of the environment, by the variable's name", () => {
    const { diagnostics } = parseArguments(command, [], {
      OTELIER_UP_FORMAT: "xml",
      OTELIER_UP_DEMO: "maybe",
    });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      `variable "OTELIER_UP_FORMAT" cannot be "xml"`,
      `variable "OTELIER_UP_DEMO" cannot be "maybe"`,
    ]);
  });

  test.each([
    ["--dta=x", "did you mean --data? options: --data, --config, --format, --demo, --otlp-grpc"],
    ["--zzzzzz", "options: --data, --config, --format, --demo, --otlp-grpc"],
  ])("%s, and says what is there", (word, hint) => {
    expect(parseArguments(command, [word], {}).diagnostics[0]?.hint).toBe(hint);
  });

  test("a word that is none of those that may stand first", () => {
    const { diagnostics } = parseArguments(withWords, ["validat"], {});
    expect(diagnostics).toMatchObject([
      { message: `unknown word "validat" after "collector"`, hint: "valid words: validate, components" },
    ]);
  });

  test.each([
    ["toString", `unknown word "toString" after "collector"`],
    ["constructor", `unknown word "constructor" after "collector"`],
  ])("the name of an object's own method: %s", (word, message) => {
    expect(parseArguments(withWords, [word], {}).diagnostics.map((one) => one.message)).toEqual([message]);
  });
});
