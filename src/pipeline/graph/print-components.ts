import { signals } from "../../telemetry/signal.ts";
import type { AnyFactory, Factory, Stability } from "../component.ts";
import type { PlainMap } from "../settings/print.ts";
import { sectionNames } from "./resolve.ts";

export interface BuildFacts {
  readonly command: string;
  readonly description: string;
  readonly version: string;
}

/** All components with the stability of each signal, in the shape of the Collector's `components` (core otelcol/command_components.go). */
export function printComponents(factories: readonly AnyFactory[], build: BuildFacts): PlainMap {
  const all = factories as readonly unknown[] as readonly Factory[];
  const kinds = ["receiver", "processor", "exporter", "connector", "extension"] as const;
  const sections = kinds.map((kind) => [
    sectionNames[kind],
    all
      .filter((factory) => factory.kind === kind)
      .sort((left, right) => (left.type < right.type ? -1 : 1))
      .map((factory) => ({
        name: factory.type,
        module: `otelier v${build.version}`,
        stability: stabilityOf(factory),
      })),
  ]);
  const module = `otelier v${build.version}`;
  return {
    buildinfo: { command: build.command, description: build.description, version: build.version },
    ...(Object.fromEntries(sections) as PlainMap),
    providers: ["env", "file", "http", "https", "yaml"].map((scheme) => ({ scheme, module })),
    converters: [],
  };
}

/** "logs: Stable", "traces-to-metrics: Beta"; signals in the Collector's order, which is alphabetical. */
export function stabilityOf(factory: Factory): Readonly<Record<string, string>> {
  const sorted = [...signals].sort();
  switch (factory.kind) {
    case "extension":
      return { extension: capital(factory.stability) };
    case "connector":
      return Object.fromEntries(
        sorted.flatMap((input) =>
          sorted.flatMap((output) => {
            const pair = factory.pairs[`${input}->${output}`];
            return pair === undefined ? [] : [[`${input}-to-${output}`, capital(pair.stability)]];
          }),
        ),
      );
    case "receiver":
    case "processor":
    case "exporter":
      return Object.fromEntries(
        sorted.flatMap((signal) => {
          const entry = factory.signals[signal];
          if (entry === undefined) return [];
          return [[signal, capital(typeof entry === "string" ? entry : entry.stability)]];
        }),
      );
  }
}

function capital(stability: Stability): string {
  return stability.charAt(0).toUpperCase() + stability.slice(1);
}
