import type { Clock } from "../../src/base/clock.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { Random } from "../../src/base/random.ts";
import { seededRandom } from "../../src/base/random.ts";
import { parseComponentId } from "../../src/pipeline/component-id.ts";
import type { ComponentKind, ComponentSettings, Log, LogFields } from "../../src/pipeline/component.ts";
import { createMetricRegistry } from "../../src/pipeline/self-metrics/registry.ts";
import type { MetricRegistry } from "../../src/pipeline/self-metrics/registry.ts";

export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines. */
export function createMemoryLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export interface TestSettings extends ComponentSettings {
  readonly metrics: MetricRegistry;
  readonly log: Log & { readonly lines: LogLine[] };
}

/** What a component under test is given: its metrics and log lines can be read back. */
export function testSettings(
  kind: ComponentKind,
  id: string,
  options: { readonly clock?: Clock; readonly random?: Random } = {},
): TestSettings {
  const parsed = parseComponentId(id);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return {
    id: parsed,
    kind,
    log: createMemoryLog(),
    metrics: createMetricRegistry(),
    clock: options.clock ?? systemClock,
    random: options.random ?? seededRandom(1),
    userAgent: "otelier/test",
  };
}
