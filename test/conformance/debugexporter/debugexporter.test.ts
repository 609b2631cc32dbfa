/** The debug exporter's text against the Collector's own expected output. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { printLogs } from "../../../src/components/exporters/debug/detailed-logs.ts";
import { printMetrics } from "../../../src/components/exporters/debug/detailed-metrics.ts";
import { printTraces } from "../../../src/components/exporters/debug/detailed-traces.ts";
import { conformanceFolder, readExpectedFailures } from "../suite.ts";
import { logInputs } from "./log-inputs.ts";
import { metricInputs } from "./metric-inputs.ts";
import { traceInputs } from "./trace-inputs.ts";

const folder = conformanceFolder("collector/debugexporter");
const expectedFailures = readExpectedFailures(path.join(import.meta.dirname, "expected-failures.txt"));

const printers: Readonly<Record<string, (name: string) => string | undefined>> = {
  logs: (name) => (logInputs[name] === undefined ? undefined : printLogs(logInputs[name])),
  metrics: (name) => (metricInputs[name] === undefined ? undefined : printMetrics(metricInputs[name])),
  traces: (name) => (traceInputs[name] === undefined ? undefined : printTraces(traceInputs[name])),
};

describe.skipIf(folder === undefined)("debug exporter", () => {
  const root = folder ?? "";
  const cases = existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".out"))
    : [];
  test.each(cases)("%s", (file) => {
    const [signal = "", name = ""] = file.replace(/\.out$/, "").split("/");
    const expected = readFileSync(path.join(root, file), "utf8");
    const printed = printers[signal]?.(name);
    const passes = printed?.trimEnd() === expected.trimEnd();
    if (expectedFailures.has(file))
      expect(passes, `${file} passes now: take it off expected-failures.txt`).toBe(false);
    else expect(printed?.trimEnd()).toBe(expected.trimEnd());
  });
});
