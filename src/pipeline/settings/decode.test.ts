import { describe, expect, it } from "vitest";
import { nearestName } from "../../base/nearest.ts";
import { decodeSection, defaultConfig } from "./decode.ts";
import { nullNode } from "./config-node.ts";
import type { ConfigNode, ScalarNode } from "./config-node.ts";
import {
  bool,
  duration,
  enumOf,
  int,
  list,
  mapOf,
  optionalSection,
  secret,
  section,
  text,
} from "./options.ts";
import { printConfig } from "./print.ts";
import type { Section } from "./schema.ts";

interface Inner {
  readonly size: number;
  readonly enabledText: string | undefined;
}
interface Example {
  readonly timeout: number;
  readonly endpoint: string | undefined;
  readonly mode: "fast" | "slow";
  readonly names: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly queue: Inner | undefined;
  readonly tls: Inner | undefined;
  readonly verbose: boolean;
}
const inner = { size: int({ default: 5, min: 1, doc: "size" }), enabledText: text({ doc: "text" }) };
const example: Section<Example> = section({
  timeout: duration({ default: "5s", doc: "timeout" }),
  endpoint: text({ doc: "endpoint", deprecatedName: "address" }),
  mode: enumOf(["fast", "slow"], { default: "fast", doc: "mode" }),
  names: list(text({ doc: "name", required: true }), { doc: "names" }),
  headers: mapOf(secret({ doc: "value", required: true }), { doc: "headers", pairs: true }),
  queue: optionalSection<Inner>(inner, { doc: "queue", whenAbsent: "defaults" }),
  tls: optionalSection<Inner>(inner, { doc: "tls" }),
  verbose: bool({ default: false, doc: "verbose" }),
});

function scalar(value: ScalarNode["value"], from?: string): ScalarNode {
  return { kind: "scalar", value, text: from ?? String(value), fromText: from !== undefined };
}

function node(value: unknown): ConfigNode {
  if (value === null) return nullNode;
  if (Array.isArray(value)) return { kind: "list", items: value.map(node) };
  if (typeof value !== "object") return scalar(value as string | number | boolean);
  if ("kind" in value) return value as ConfigNode;
  return {
    kind: "map",
    entries: new Map(Object.entries(value).map(([key, item]) => [key, { value: node(item) }])),
  };
}

function messages(value: unknown): string[] {
  return decodeSection(example, node(value), "receivers.x").diagnostics.map((found) => found.message);
}

describe("decodeSection", () => {
  it("gives defaults for an absent section", () => {
    expect(defaultConfig(example)).toEqual({
      timeout: 5000,
      endpoint: undefined,
      mode: "fast",
      names: [],
      headers: new Map(),
      queue: { size: 5, enabledText: undefined },
      tls: undefined,
      verbose: false,
    });
  });

  it.each<[string, unknown, Partial<Example>]>([
    ["null leaves an optional section off", { tls: null }, { tls: undefined }],
    ["an empty map turns an optional section on", { tls: {} }, { tls: { size: 5, enabledText: undefined } }],
    ["enabled: false turns a section off", { queue: { enabled: false, size: 3 } }, { queue: undefined }],
    ["a string is split at commas for a list", { names: "a,b" }, { names: ["a", "b"] }],
    ["pairs make a map", { headers: [{ name: "A", value: "b" }] }, { headers: new Map([["A", "b"]]) }],
    ["a plain number is nanoseconds", { timeout: 2_000_000 }, { timeout: 2 }],
    [
      "the text of an expanded value goes to a string",
      { endpoint: scalar(83, "0123") },
      { endpoint: "0123" },
    ],
    ["the older name of an option works", { address: "a" }, { endpoint: "a" }],
  ])("%s", (_, written, expected) => {
    expect(decodeSection(example, node(written), "receivers.x").value).toMatchObject(expected);
  });

  it.each<[string, unknown, string[]]>([
    ["unknown key", { timeuot: 1 }, [`cannot read "receivers.x": '' has invalid keys: timeuot`]],
    [
      "several problems at once",
      { verbose: "t", queue: { size: "a" } },
      [
        `cannot read "receivers.x": 'queue.size' expected type 'int', got unconvertible type 'string'`,
        `cannot read "receivers.x": 'verbose' expected type 'bool', got unconvertible type 'string'`,
      ],
    ],
    [
      "int for a string",
      { endpoint: 3 },
      [`cannot read "receivers.x": 'endpoint' expected type 'string', got unconvertible type 'int'`],
    ],
    [
      "invalid duration",
      { timeout: "invalid" },
      [`cannot read "receivers.x": 'timeout' time: invalid duration "invalid"`],
    ],
    [
      "number without unit",
      { timeout: 10 },
      [`"receivers.x": 'timeout' is a number without a unit and means 10ns`],
    ],
    [
      "a map for a list",
      { names: {} },
      [`cannot read "receivers.x": 'names' source data must be an array or slice, got map`],
    ],
    [
      "a string for a section",
      { queue: "x" },
      [`cannot read "receivers.x": 'queue' expected a map or struct, got "string"`],
    ],
    [
      "a choice that is none",
      { mode: "x" },
      [`cannot read "receivers.x": 'mode' must be one of "fast", "slow", got "x"`],
    ],
    [
      "out of range",
      { queue: { size: 0 } },
      [`cannot read "receivers.x": 'queue.size' must be at least 1, got 0`],
    ],
  ])("reports %s", (_, written, expected) => {
    expect(messages(written)).toEqual(expected);
  });

  it("names the nearest key", () => {
    const { diagnostics } = decodeSection(example, node({ timeuot: 1 }), "receivers.x");
    expect(diagnostics[0]?.hint).toBe('did you mean "timeout"?');
  });

  it("prints what is in effect, without secrets", () => {
    const { value } = decodeSection(example, node({ headers: { a: "b" }, timeout: "90s" }), "x");
    const printed = {
      timeout: "1m30s",
      mode: "fast",
      names: [],
      headers: { a: "[REDACTED]" },
      queue: { size: 5 },
      verbose: false,
    };
    expect(printConfig(example, value)).toEqual(printed);
    expect(printConfig(example, value, { unredacted: true })["headers"]).toEqual({ a: "b" });
  });
});

describe("nearestName", () => {
  it.each([
    ["batchs", ["nop", "batch"], "batch"],
    ["otpl", ["otlp", "nop"], "otlp"],
    ["zzz", ["otlp", "nop"], undefined],
  ])("%s", (word, candidates, expected) => {
    expect(nearestName(word, candidates)).toBe(expected);
  });
});
