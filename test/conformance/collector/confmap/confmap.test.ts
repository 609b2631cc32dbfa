/**
 * The Collector's configuration resolver on its own test files (core confmap/internal/e2e). Files hold the inputs; what they must resolve to is
 * stated here, after the tables of knowledge about types_test.go and expand_test.go. Top keys that are no section are fine at this level.
 */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { nodeAt } from "../../../../src/pipeline/settings/config-node.ts";
import { decodeSection } from "../../../../src/pipeline/settings/decode.ts";
import { bool, int, section, text } from "../../../../src/pipeline/settings/options.ts";
import { conformanceFolder, readExpectedFailures } from "../../suite.ts";
import { resolvePlain } from "../plain.ts";

const folder = conformanceFolder("collector/confmap") ?? "";
const expectedFailures = readExpectedFailures(path.join(import.meta.dirname, "expected-failures.txt"));

interface Case {
  readonly file: string;
  readonly environment?: Record<string, string>;
  readonly expected: unknown;
}

const escapes: Record<string, string> = {
  ENV_VALUE: "V",
  ENV_LIST: "['$$ESCAPE_ME','$${ESCAPE_ME}','$${env:ESCAPE_ME}']",
  ENV_MAP: "{'key1':'$$ESCAPE_ME','key2':'$${ESCAPE_ME}','key3':'$${env:ESCAPE_ME}'}",
  ENV_NESTED_DOLLARSIGN: "here is 1 $$",
  ENV_NESTED_DOLLARSIGN_ESCAPED: "here are 2 $$$",
  ENV_EXPAND_NESTED: "${env:ENV_VALUE} came from nested expansion",
};

const cases: readonly Case[] = [
  {
    file: "expand-escaped-env.yaml",
    environment: escapes,
    expected: {
      test_map: {
        key1: "$ENV_VALUE",
        key2: "$$ENV_VALUE",
        key3: "$V",
        key4: "someVtext",
        key5: "some${ENV_VALUE}text",
        key6: "${ONE}${TWO}",
        key7: "text$",
        key8: "$",
        key9: "${1}${env:2}",
        key10: "some${env:ENV_VALUE}text",
        key11: "${env:V}",
        key12: "${env:${ENV_VALUE}}",
        key13: "env:MAP_VALUE_2}${ENV_VALUE}{",
        key14: "$V",
        key15: "$ENV_VALUE",
        key16: ["$ESCAPE_ME", "${ESCAPE_ME}", "${env:ESCAPE_ME}"],
        key17: { key1: "$ESCAPE_ME", key2: "${ESCAPE_ME}", key3: "${env:ESCAPE_ME}" },
        key18: "here is 1 $",
        key19: "here are 2 $$",
        key20: "V came from nested expansion",
        key21: "default_value",
        key22: "${env:UNDEFINED_KEY:-${env:UNDEFINED_KEY}}",
      },
    },
  },
  { file: "subsection_empty_map.yaml", expected: { field: { key: {} } } },
  { file: "subsection_null.yaml", expected: { field: { key: null } } },
  { file: "subsection_set_but_empty.yaml", expected: { field: { key: null } } },
  { file: "subsection_unset.yaml", expected: { field: null } },
  { file: "subsection_unset_empty_map.yaml", expected: { field: {} } },
  { file: "types_complex.yaml", environment: { VALUE: "123" }, expected: { field: [{ key: [123] }] } },
  { file: "types_map.yaml", environment: { VALUE: "123" }, expected: { field: { key: 123 } } },
  { file: "types_slice.yaml", environment: { VALUE: "123" }, expected: { field: [123] } },
  { file: "types_expand.yaml", environment: { ENV: "123" }, expected: { field: 123 } },
  {
    file: "types_expand_inline.yaml",
    environment: { ENV: "123" },
    expected: { field: "inline field with 123 expansion" },
  },
  {
    file: "issue-10787-main.yaml",
    expected: {
      receivers: {
        otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" }, http: { endpoint: "0.0.0.0:4318" } } },
      },
      processors: { memory_limiter: null },
      exporters: { debug: { verbosity: "detailed" } },
      service: {
        telemetry: { metrics: { level: "detailed" } },
        pipelines: { traces: { receivers: ["otlp"], processors: ["memory_limiter"], exporters: ["debug"] } },
      },
    },
  },
  { file: "issue-10787-snippet.yaml", expected: { debug: { verbosity: "detailed" } } },
  {
    file: "indirect-slice-env-var-main.yaml",
    environment: {
      BASE_FOLDER: folder,
      OTEL_LOGS_RECEIVER: "[nop, otlp]",
      OTEL_LOGS_EXPORTER: "[otlp_grpc, nop]",
    },
    expected: {
      receivers: { nop: null, otlp: { protocols: { grpc: null } } },
      exporters: { nop: null, otlp_grpc: { endpoint: "localhost:4317" } },
      service: { pipelines: { logs: { receivers: ["nop", "otlp"], exporters: ["otlp_grpc", "nop"] } } },
    },
  },
  {
    file: "indirect-slice-env-var-pipelines.yaml",
    environment: { OTEL_LOGS_RECEIVER: "nop", OTEL_LOGS_EXPORTER: "nop" },
    expected: { logs: { receivers: "nop", exporters: "nop" } },
  },
];

/** Env text, target, value or the text of the error (core confmap/internal/e2e/types_test.go, TestStrictTypeCasting). */
const typed: readonly (readonly [string, "int" | "string" | "bool" | "inline", unknown])[] = [
  ["123", "int", 123],
  ["123", "string", "123"],
  ["123", "inline", "inline field with 123 expansion"],
  ["0123", "int", 83],
  ["0123", "string", "0123"],
  ["0123", "inline", "inline field with 0123 expansion"],
  ["0xdeadbeef", "int", 3735928559],
  ["0xdeadbeef", "string", "0xdeadbeef"],
  ["0xdeadbeef", "inline", "inline field with 0xdeadbeef expansion"],
  ['"0123"', "string", '"0123"'],
  ['"0123"', "int", new Error("'field' expected type 'int', got unconvertible type 'string'")],
  ['"0123"', "inline", 'inline field with "0123" expansion'],
  ["!!str 0123", "string", "!!str 0123"],
  ["!!str 0123", "inline", "inline field with !!str 0123 expansion"],
  ["t", "bool", new Error("'field' expected type 'bool', got unconvertible type 'string'")],
  ["23", "bool", new Error("'field' expected type 'bool', got unconvertible type 'int'")],
  ['{"field": 123}', "inline", 'inline field with {"field": 123} expansion'],
  ["1111:1111:1111:1111:1111::", "string", "1111:1111:1111:1111:1111::"],
  ["2006-01-02T15:04:05Z07:00", "string", "2006-01-02T15:04:05Z07:00"],
  ["true # comment with a ${env:hello.world} reference", "bool", true],
  [
    "true # comment with a ${env:hello.world} reference",
    "string",
    new Error("expected type 'string', got unconvertible type 'bool'"),
  ],
  [
    "true # comment with a ${env:hello.world} reference",
    "inline",
    new Error('environment variable "hello.world" has invalid name'),
  ],
  ["[filelog,${env:X}]", "string", "[filelog,x]"],
  ['["a",', "string", '["a",'],
  ["", "string", undefined],
];

const options = {
  int: int({ doc: "field" }),
  string: text({ doc: "field" }),
  bool: bool({ doc: "field" }),
  inline: text({ doc: "field" }),
} as const;

describe.skipIf(folder === "")("confmap", () => {
  it("has an expectation for every file", () => {
    const files = folder === "" ? [] : readdirSync(folder);
    expect(cases.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
  });

  it.each(cases)("$file", async ({ file, environment, expected }) => {
    const { value } = await resolveWithTestdata(file, environment);
    if (expectedFailures.has(file))
      expect(value, "passes now: take it off expected-failures.txt").not.toEqual(expected);
    else expect(value).toEqual(expected);
  });

  describe.each(["direct", "indirect"])("%s", (way) => {
    it.each(typed)("%s as %s", async (written, target, expected) => {
      const file = target === "inline" ? "types_expand_inline.yaml" : "types_expand.yaml";
      const environment: Record<string, string> =
        way === "direct" ? { ENV: written, X: "x" } : { ENV: "${env:ENV2}", ENV2: written, X: "x" };
      const { root, errors } = await resolvePlain([path.join(folder, file)], environment);
      const schema = section<{ field: unknown }>({ field: options[target] });
      const field = nodeAt(root, "field");
      const node = {
        kind: "map",
        entries: new Map(field === undefined ? [] : [["field", { value: field }]]),
      } as const;
      const { value, diagnostics } = decodeSection(schema, node, "test");
      const texts = [...errors, ...diagnostics.map((found) => found.message)].filter(
        (found) => !found.includes("has invalid keys: field"),
      );
      if (expected instanceof Error) expect(texts.join("\n")).toContain(expected.message);
      else expect({ field: value.field, texts }).toEqual({ field: expected, texts: [] });
    });
  });
});

/** One file names another below "testdata/", as seen from its package's folder. */
async function resolveWithTestdata(
  file: string,
  environment: Record<string, string> = {},
): Promise<{ readonly value: unknown }> {
  if (!file.startsWith("issue-10787-main"))
    return resolvePlain([path.join(folder, file)], environment, folder);
  const scratch = mkdtempSync(path.join(tmpdir(), "otelier-confmap-"));
  try {
    symlinkSync(folder, path.join(scratch, "testdata"));
    return await resolvePlain([path.join(folder, file)], environment, scratch);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
