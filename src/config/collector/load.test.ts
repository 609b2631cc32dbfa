import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printDiagnostic } from "../../base/print-diagnostic.ts";
import { printNode } from "../../pipeline/settings/print.ts";
import { findUri } from "./expand.ts";
import { loadCollectorConfig } from "./load.ts";
import type { LoadedConfig } from "./load.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

function load(
  config: readonly string[],
  options: { readonly set?: readonly string[]; readonly environment?: Record<string, string> } = {},
): Promise<LoadedConfig> {
  return loadCollectorConfig({
    config,
    set: options.set ?? [],
    environment: options.environment ?? {},
    workingDirectory: folder,
  });
}

async function messages(
  config: readonly string[],
  environment: Record<string, string> = {},
): Promise<string[]> {
  const { diagnostics } = await load(config, { environment });
  return diagnostics.map((found) => `${found.severity}: ${found.message}`);
}

describe("sources", () => {
  it("lays later configurations over earlier ones, --set last", async () => {
    const a = file(
      "a.yaml",
      "exporters: {debug: {verbosity: basic, sampling_initial: 1}}\nservice: {extensions: [x, y]}",
    );
    const b = file("b.yaml", "exporters: {debug: {verbosity: normal}, nop: }\nservice: {extensions: [z]}");
    const sources = [a, b, "yaml:exporters::debug::verbosity: detailed", "env:MORE"];
    const { root, diagnostics } = await load(sources, {
      set: ["exporters.debug.sampling_thereafter=5", "processors.batch/two.timeout=2s"],
      environment: { MORE: "receivers: {nop: }" },
    });
    expect(diagnostics).toEqual([]);
    expect(printNode(root)).toEqual({
      exporters: { debug: { verbosity: "detailed", sampling_initial: 1, sampling_thereafter: 5 }, nop: null },
      service: { extensions: ["z"] },
      receivers: { nop: null },
      processors: { "batch/two": { timeout: "2s" } },
    });
  });

  it("warns where a bare key removes what an earlier file says", async () => {
    const a = file("a.yaml", "processors: {batch: , filter: }");
    const b = file("b.yaml", "receivers: {nop: }\nprocessors:\n");
    const { diagnostics, sources } = await load([a, b]);
    expect(diagnostics.map((found) => printDiagnostic(found, { sources }))).toEqual([
      [
        'warning[null-replaces-map]: "processors:" without a value removes what an earlier configuration has there: batch, filter',
        "  --> b.yaml:2:1",
        "    2 | processors:",
        "      | ^^^^^^^^^^",
        '  hint: remove "processors:", or write "processors: {}" to keep the earlier configuration',
      ].join("\n"),
    ]);
  });

  it.each<[string, string[]]>([
    [
      "wow:NO_SCHEME",
      [
        'error: cannot load configuration "wow:NO_SCHEME": scheme "wow" is not supported for uri "wow:NO_SCHEME"',
      ],
    ],
    ["yaml:[1, 2]", ["error: cannot read configuration: expected a map, got slice"]],
    ["yaml:a: {b: 1, b: 2}", ["error: cannot read YAML: Map keys must be unique"]],
    [
      "yaml:receivers: {otlp: , 'otlp ': }",
      ['error: cannot read "receivers": duplicate name "otlp" after trimming spaces'],
    ],
    [
      "env:NOT-A-NAME",
      [
        'error: cannot load configuration "env:NOT-A-NAME": environment variable "NOT-A-NAME" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$',
      ],
    ],
  ])("%s", async (source, expected) => {
    expect(await messages([source])).toEqual(expected);
  });

  it("names a file that is not there", async () => {
    expect((await messages(["none.yaml"]))[0]).toMatch(
      /^error: cannot load configuration "none.yaml": cannot read "none.yaml": there is no such file or directory$/,
    );
  });

  it("asks for a configuration", async () => {
    expect(await messages([])).toContain("error: at least one config flag must be provided");
  });

  it("follows anchors and merge keys, and refuses a billion laughs", async () => {
    const { root } = await load(["yaml:{a: &a {x: 1, y: 2}, b: {<<: *a, y: 3}}"]);
    expect(printNode(root)).toEqual({ a: { x: 1, y: 2 }, b: { y: 3, x: 1 } });
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(10)}]`,
    );
    const laughs = `yaml:l0: &l0 [${"lol, ".repeat(10)}]\n${levels.join("\n")}`;
    expect(await messages([laughs])).toContain("error: cannot read YAML: too many nested or repeated values");
  });
});

describe("expansion", () => {
  it.each<[string, Record<string, string>, unknown]>([
    ["${env:A}", { A: "a" }, "a"],
    ["${A}", { A: "a" }, "a"],
    ["$A", { A: "a" }, "$A"],
    ["${env:A:-b}", {}, "b"],
    ["${env:A:-b}", { A: "" }, null],
    ["x${env:A:-}", {}, "x"],
    ["${env:${B}}", { B: "A", A: "a" }, "a"],
    ["${yaml:{x: 1}}", {}, "{x: 1}"],
    ["${env:A}", { A: "{x: [1, two]}" }, { x: [1, "two"] }],
    ["${env:A}-${env:A}", { A: "a" }, "a-a"],
    ["${env:A}", { A: "1_000" }, 1000],
    ["${env:A}", { A: "yes" }, "yes"],
    ["${env:A}", { A: "-0x10" }, -16],
    ["${env:A}", { A: "1e3" }, 1000],
    ["${env:A}", { A: "18446744073709551615" }, "18446744073709551615"],
    ["}${env:A}{", { A: "a" }, "}a{"],
    ["$${env:A}", { A: "a" }, "${env:A}"],
    ["$$${env:A}", { A: "a" }, "$a"],
  ])("%s with %o", async (text, environment, expected) => {
    const { root } = await load([`yaml:a: ${JSON.stringify(text)}`], { environment });
    expect(printNode(root)).toEqual({ a: expected });
  });

  it.each<[string, Record<string, string>, string]>([
    ["${env:A}", { A: "${env:A}" }, "too many recursive expansions"],
    ["${env:A}", { A: "[${env:A}, ${env:A}]" }, "too many recursive expansions"],
    ["${env:A}", { A: "x${env:A}${env:A}" }, "too many recursive expansions"],
    ["${1}", {}, 'environment variable "1" has invalid name'],
    ["${foo:bar}", {}, 'scheme "foo" is not supported for uri "foo:bar"'],
    ["${a:b}", {}, 'invalid uri: "a:b"'],
    ["${env:$A}", {}, "contains unsupported characters ('$')"],
  ])("refuses %s with %o", async (text, environment, expected) => {
    const all = await messages([`yaml:a: ${JSON.stringify(text)}`], environment);
    expect(all.join("\n")).toContain(expected);
  });

  it("shows a problem in an included file there, and one in a variable at its use", async () => {
    file("part.yaml", "receivers: {x: oops}\n");
    const main = file(
      "main.yaml",
      "service:\n  pipelines:\n    traces: ${file:part.yaml}\n    logs: ${env:LOGS}\n",
    );
    const { diagnostics, sources } = await load([main], { environment: { LOGS: "{receiver: [nop]}" } });
    const places = diagnostics.map(
      ({ range }) => range && `${range.file}: ${sources.get(range.file)?.slice(range.start, range.end)}`,
    );
    expect(places).toEqual(["part.yaml: {x: oops}", "main.yaml: ${env:LOGS}"]);
  });

  it("warns once about a variable that is not set", async () => {
    expect(await messages(["yaml:{a: '${env:NOPE}', b: '${env:NOPE}'}"])).toContain(
      'warning: environment variable "NOPE" is not set and read as empty',
    );
  });

  const piece = fc.constantFrom(
    "${",
    "}",
    "$",
    "$$",
    "env:",
    "A",
    "B",
    ":-",
    "yaml:",
    "[",
    "{",
    ",",
    '"',
    "x",
    "\n",
    "file:",
    ":",
    "&a",
    "*a",
    "<<: ",
  );
  const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(""));

  it("never throws and always ends, whatever is written", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, text, async (written, a, b) => {
        const loaded = await load([`yaml:key: ${JSON.stringify(written)}`, `yaml:${written}`], {
          environment: { A: a, B: b },
        });
        expect(Array.isArray(loaded.diagnostics)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("leaves text without ${...} as it is, but for $$", () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        fc.pre(!written.includes("${"));
        expect(findUri(written)).toBeUndefined();
      }),
    );
  });
});
