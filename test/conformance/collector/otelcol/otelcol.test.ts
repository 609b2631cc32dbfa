/** Whole configurations, valid and invalid, with the Collector's error texts (core otelcol/testdata, command_*_test.go). */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hasErrors } from "../../../../src/base/diagnostic.ts";
import { systemClock } from "../../../../src/base/clock.ts";
import { componentFactories } from "../../../../src/components/index.ts";
import type { AnyFactory } from "../../../../src/pipeline/component.ts";
import { printComponents } from "../../../../src/pipeline/graph/print-components.ts";
import { printEffective } from "../../../../src/pipeline/graph/print-effective.ts";
import { SenderRegistry } from "../../../../src/pipeline/senders/sender-registry.ts";
import { checkCollectorConfig } from "../../../../src/stack/collector.ts";
import { conformanceFolder, readExpectedFailures } from "../../suite.ts";
import { nopFactories, printFactories } from "../nop-factories.ts";
import { resolvePlain } from "../plain.ts";

const folder = conformanceFolder("collector/otelcol") ?? "";
const expectedFailures = readExpectedFailures(path.join(import.meta.dirname, "expected-failures.txt"));
const ours = componentFactories({ senders: new SenderRegistry({ clock: systemClock }) });

interface Case {
  readonly file: string;
  readonly factories: readonly AnyFactory[];
  /** A text of one of the errors; absent: the configuration is valid. */
  readonly error?: string;
}

const cases: readonly Case[] = [
  { file: "otelcol-nop.yaml", factories: nopFactories },
  { file: "otelcol-statuswatcher.yaml", factories: nopFactories },
  { file: "otelcol-valid-connector-use.yaml", factories: nopFactories },
  { file: "otelcol-otelconftelemetry.yaml", factories: nopFactories },
  { file: "otelcol-log-to-file.yaml", factories: ours },
  {
    file: "otelcol-cyclic-connector.yaml",
    factories: nopFactories,
    error:
      'failed to build pipelines: cycle detected: connector "nop/forward" (traces to traces) -> connector "nop/forward" (traces to traces)',
  },
  {
    file: "otelcol-invalid-components.yaml",
    factories: nopFactories,
    error: 'unknown type: "nosuchprocessor" for id: "nosuchprocessor" (valid values: [nop unhealthy])',
  },
  {
    file: "otelcol-invalid-connector-unused-exp.yaml",
    factories: nopFactories,
    error:
      'failed to build pipelines: connector "nop/connector1" used as receiver in [logs/in2] pipeline but not used in any supported exporter pipeline',
  },
  {
    file: "otelcol-invalid-connector-unused-rec.yaml",
    factories: nopFactories,
    error:
      'failed to build pipelines: connector "nop/connector1" used as exporter in [logs/in2] pipeline but not used in any supported receiver pipeline',
  },
  {
    file: "otelcol-invalid-receiver-type.yaml",
    factories: nopFactories,
    error:
      'failed to build pipelines: failed to create "nop_logs" receiver for data type "traces": telemetry type is not supported',
  },
  {
    file: "otelcol-invalid-telemetry.yaml",
    factories: nopFactories,
    error: "'service.telemetry' has invalid keys: unknown",
  },
  {
    file: "otelcol-invalid.yaml",
    factories: nopFactories,
    error: 'service::pipelines::traces: references processor "invalid" which is not configured',
  },
  { file: "print.yaml", factories: printFactories },
  { file: "print_default.yaml", factories: printFactories },
  {
    file: "print_invalid.yaml",
    factories: printFactories,
    error: "'timeout' time: invalid duration \"invalid\"",
  },
  { file: "print_negative.yaml", factories: printFactories, error: "'timeout' must be non-negative" },
];

/** Files that other tests below read. */
const outputs = ["components-output.yaml", "components-output-sorted.yaml"];

async function check(
  file: string,
  factories: readonly AnyFactory[],
): ReturnType<typeof checkCollectorConfig> {
  const load = { config: [path.join(folder, file)], environment: {}, workingDirectory: folder };
  return checkCollectorConfig(load, factories);
}

describe.skipIf(folder === "")("otelcol", () => {
  it("has an expectation for every file", () => {
    const files = folder === "" ? [] : readdirSync(folder).filter((name) => name.endsWith(".yaml"));
    expect([...cases.map(({ file }) => file), ...outputs].toSorted()).toEqual(files.toSorted());
  });

  it.each(cases)("$file", async ({ file, factories, error }) => {
    const { diagnostics } = await check(file, factories);
    const errors = diagnostics.filter((found) => found.severity === "error").map((found) => found.message);
    const isAsExpected =
      error === undefined ? errors.length === 0 : errors.some((found) => found.includes(error));
    if (expectedFailures.has(file)) {
      expect(isAsExpected, `${file} passes now: take it off expected-failures.txt`).toBe(false);
    } else if (error === undefined) expect(errors).toEqual([]);
    else expect(errors.join("\n")).toContain(error);
  });

  it("shows every error of a file at its place", async () => {
    const { diagnostics, sources } = await check("otelcol-invalid-components.yaml", nopFactories);
    const places = diagnostics.map(
      ({ range }) => range && sources.get(range.file)?.slice(range.start, range.end),
    );
    expect(places).toEqual(["nosuchprocessor", "nop"]);
  });

  it("merges configs/1-config-first.yaml and 1-config-second.yaml", async () => {
    const files = ["first", "second"].map((name) => path.join(folder, `configs/1-config-${name}.yaml`));
    const { value } = await resolvePlain(files);
    expect(value).toEqual(parse(readFileSync(path.join(folder, "configs/1-config-output.yaml"), "utf8")));
  });

  it("prints the components of components-output.yaml", () => {
    const expected = readYaml("components-output.yaml");
    const nops = nopFactories.filter((factory) => factory.type === "nop");
    const printed = printComponents(nops, {
      command: "otelcol",
      description: "OpenTelemetry Collector",
      version: "latest",
    });
    const withoutModules = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value, (key, item: unknown) => (key === "module" ? undefined : item)));
    const { providers: _ours, converters: _none, ...rest } = printed;
    const { providers: _theirs, converters: _also, ...wanted } = expected;
    expect(withoutModules(rest)).toEqual(withoutModules(wanted));
    expect(Object.keys(printed)).toEqual(Object.keys(expected));
  });

  it("sorts components by name, as components-output-sorted.yaml", () => {
    const printed = printComponents(ours, { command: "c", description: "d", version: "v" });
    for (const kind of ["receivers", "processors", "exporters", "connectors", "extensions"]) {
      const names = (printed[kind] as readonly { readonly name: string }[]).map(({ name }) => name);
      expect(names).toEqual(names.toSorted());
    }
  });

  it.each([
    ["print.yaml", {}, { opaque: "[REDACTED]", other: "" }],
    ["print.yaml", { unredacted: true }, { opaque: "OOO", other: "" }],
    ["print_default.yaml", {}, { opaque: "[REDACTED]", other: "lala" }],
  ])("print-config of %s %o", async (file, options, receiver) => {
    const { model, diagnostics } = await check(file, printFactories);
    expect(hasErrors(diagnostics)).toBe(false);
    expect(printEffective(model, printFactories, options)).toEqual({
      receivers: { r: receiver },
      exporters: { e: { timeout: "5s" } },
      service: { pipelines: { logs: { receivers: ["r"], exporters: ["e"] } } },
    });
  });
});

function readYaml(file: string): Record<string, unknown> {
  return parse(readFileSync(path.join(folder, file), "utf8")) as Record<string, unknown>;
}
