/** The do-nothing components that the Collector's own tests use (core otelcol, nopFactories). */
import { defineFactory } from "../../../src/pipeline/component.ts";
import type {
  AnyFactory,
  Component,
  Connector,
  Exporter,
  Processor,
} from "../../../src/pipeline/component.ts";
import { duration, section, secret, text } from "../../../src/pipeline/settings/options.ts";
import { signals } from "../../../src/telemetry/signal.ts";
import type { Signal } from "../../../src/telemetry/signal.ts";

const nothing: Component = { start: () => Promise.resolve(), shutdown: () => Promise.resolve() };
const sink: Exporter & Processor & Connector = {
  ...nothing,
  mutatesBatch: false,
  consume: () => Promise.resolve(),
};
const config = section<object>({});
const summary = "Does nothing.";

function all<T>(entry: T): Record<Signal, T> {
  return { traces: entry, metrics: entry, logs: entry };
}

const stable = { stability: "stable", create: () => sink } as const;
const pairs = Object.fromEntries(
  signals.flatMap((input) =>
    signals.map((output) => [`${input}->${output}`, { stability: "development", create: () => sink }]),
  ),
);

function receiver(type: string, used: readonly Signal[] = signals): AnyFactory {
  const supported = Object.fromEntries(used.map((signal) => [signal, "stable"]));
  return defineFactory<object>({
    kind: "receiver",
    type,
    summary,
    config,
    signals: supported,
    create: () => nothing,
  });
}

function processor(type: string): AnyFactory {
  return defineFactory<object>({ kind: "processor", type, summary, config, signals: all(stable) });
}

function extension(type: string): AnyFactory {
  return defineFactory<object>({
    kind: "extension",
    type,
    summary,
    config,
    stability: "stable",
    create: () => nothing,
  });
}

export const nopFactories: readonly AnyFactory[] = [
  receiver("nop"),
  receiver("nop_logs", ["logs"]),
  processor("nop"),
  processor("unhealthy"),
  defineFactory<object>({ kind: "exporter", type: "nop", summary, config, signals: all(stable) }),
  defineFactory<object>({ kind: "connector", type: "nop", summary, config, pairs }),
  extension("nop"),
  extension("statuswatcher"),
];

/** The components of the Collector's `print-config` tests. */
export const printFactories: readonly AnyFactory[] = [
  defineFactory<{ opaque: string; other: string }>({
    kind: "receiver",
    type: "r",
    summary,
    config: section<{ opaque: string; other: string }>({
      opaque: secret({ default: "1234", doc: "a secret" }),
      other: text({ default: "", doc: "no secret" }),
    }),
    signals: { logs: "stable" },
    create: () => nothing,
  }),
  defineFactory<{ timeout: number }>({
    kind: "exporter",
    type: "e",
    summary,
    config: section<{ timeout: number }>({
      timeout: duration({ default: "5s", minMs: 0, outOfRange: "must be non-negative", doc: "a time" }),
    }),
    signals: { logs: stable },
  }),
];
