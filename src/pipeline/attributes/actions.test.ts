import { describe, expect, test } from "vitest";
import { internalContext } from "../../telemetry/batch.ts";
import { Attributes, type AnyValue } from "../../telemetry/tree/attributes.ts";
import type { ConfigNode } from "../settings/config-node.ts";
import { checkActions, type ActionConfig } from "./action-config.ts";
import { compileActions } from "./actions.ts";

type Written = Partial<Omit<ActionConfig, "value" | "default_value">> & {
  value?: string | number | boolean;
  default_value?: string;
};

function action(written: Written): ActionConfig {
  const base = {
    key: "",
    action: "insert",
    from_attribute: "",
    from_context: "",
    pattern: "",
    converted_type: "",
  } as const;
  return { ...base, ...written, value: node(written.value), default_value: node(written.default_value) };
}

function node(value: string | number | boolean | undefined): ConfigNode | undefined {
  return value === undefined ? undefined : { kind: "scalar", value, text: String(value), fromText: false };
}

const context = {
  ...internalContext,
  peer: "10.0.0.7:4242",
  metadata: new Map([["x-tenant", ["acme", "beta"]]]),
};

type Case = readonly [Readonly<Record<string, AnyValue>>, Written, Readonly<Record<string, AnyValue>>];
const cases: readonly Case[] = [
  [{}, { key: "a", value: 5 }, { a: 5n }],
  [{}, { key: "a", value: 1.5 }, { a: 1.5 }],
  [{}, { key: "a", value: true }, { a: true }],
  [{ a: "old" }, { key: "a", value: "new" }, { a: "old" }],
  [{ a: "old" }, { key: "a", action: "update", value: "new" }, { a: "new" }],
  [{}, { key: "a", action: "update", value: "new" }, {}],
  [
    { b: 1n, a: "old" },
    { key: "a", action: "upsert", value: "new" },
    { b: 1n, a: "new" },
  ],
  [{}, { key: "a", action: "upsert", value: "new" }, { a: "new" }],
  [{ b: "x" }, { key: "a", from_attribute: "b" }, { b: "x", a: "x" }],
  [{}, { key: "a", from_attribute: "b" }, {}],
  [{}, { key: "a", from_attribute: "b", default_value: "none" }, { a: "none" }],
  [{}, { key: "a", from_context: "metadata.X-Tenant" }, { a: "acme;beta" }],
  [{}, { key: "a", from_context: "client.address" }, { a: "10.0.0.7" }],
  [{}, { key: "a", from_context: "metadata.absent" }, {}],
  [{ a: 1n, b: 2n }, { key: "a", action: "delete" }, { b: 2n }],
  [{ "db.user": 1n, "db.pass": 2n, host: 3n }, { action: "delete", pattern: "^db\\." }, { host: 3n }],
  [
    { a: "secret" },
    { key: "a", action: "hash" },
    { a: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" },
  ],
  [
    { a: true },
    { key: "a", action: "hash" },
    { a: "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a" },
  ],
  [
    { url: "/api/items/7?x=1" },
    { key: "url", action: "extract", pattern: "^/api/(?P<kind>\\w+)/(?P<id>\\d+)" },
    { url: "/api/items/7?x=1", kind: "items", id: "7" },
  ],
  [{ url: "/none" }, { key: "url", action: "extract", pattern: "^/api/(?P<kind>\\w+)" }, { url: "/none" }],
  [{ a: "404" }, { key: "a", action: "convert", converted_type: "int" }, { a: 404n }],
  [{ a: "4.5" }, { key: "a", action: "convert", converted_type: "int" }, { a: "4.5" }],
  [{ a: 4.9 }, { key: "a", action: "convert", converted_type: "int" }, { a: 4n }],
  [{ a: "4.5" }, { key: "a", action: "convert", converted_type: "double" }, { a: 4.5 }],
  [{ a: true }, { key: "a", action: "convert", converted_type: "int" }, { a: 1n }],
  [{ a: 7n }, { key: "a", action: "convert", converted_type: "string" }, { a: "7" }],
];

describe("actions", () => {
  test.each(cases)("%o then %o", (before, written, after) => {
    const config = action(written);
    expect(checkActions([config], undefined)).toEqual([]);
    const attributes = Attributes.of(Object.entries(before));
    compileActions([config])(attributes, context);
    expect(Object.fromEntries(attributes.entries())).toEqual(after);
  });
});

describe("problems", () => {
  const problems: readonly (readonly [Written, readonly string[]])[] = [
    [{ value: 1 }, [`due to missing required field "key" at the 0-th actions`]],
    [{ action: "delete" }, [`(at least one of "key" and "pattern" have to be used) at the 0-th actions`]],
    [
      { key: "a" },
      [`Either field "value", "from_attribute" or "from_context" setting must be specified for 0-th action`],
    ],
    [
      { key: "a", value: 1, from_attribute: "b" },
      ["due to multiple value sources being set at the 0-th actions"],
    ],
    [
      { key: "a", action: "extract" },
      [`due to missing required field "pattern" for action "extract" at the 0-th action`],
    ],
    [{ key: "a", action: "extract", pattern: "(x)" }, ["contains at least one unnamed matcher group"]],
    [{ key: "a", action: "extract", pattern: "x" }, ["contains no named matcher groups"]],
    [{ key: "a", action: "hash", pattern: "(" }, ["has invalid pattern"]],
    [{ key: "a", action: "convert" }, [`due to missing required field "converted_type"`]],
    [
      { key: "a", action: "convert", converted_type: "date", value: 1 },
      ["does not use a value source", `invalid value "date"`],
    ],
  ];
  test.each(problems)("%o", (written, expected) => {
    const found = checkActions([action(written)], undefined).map(({ message }) => message);
    expect(found).toHaveLength(expected.length);
    for (const [at, part] of expected.entries()) expect(found[at]).toContain(part);
  });
});
