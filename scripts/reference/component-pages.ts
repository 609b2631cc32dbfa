import { systemClock } from "../../src/base/clock.ts";
import { componentFactories } from "../../src/components/index.ts";
import type { ComponentKind, Factory } from "../../src/pipeline/component.ts";
import { stabilityOf } from "../../src/pipeline/graph/print-components.ts";
import { SenderRegistry } from "../../src/pipeline/senders/sender-registry.ts";
import { optionTable } from "./option-table.ts";

const kinds: readonly ComponentKind[] = ["receiver", "processor", "exporter", "connector", "extension"];
const start = "<!-- options: written by scripts/gen-reference.ts -->";
const end = "<!-- end of options -->";

/** Every listed factory; its sections are read only for their description. */
export function allFactories(): readonly Factory[] {
  const factories = componentFactories({ senders: new SenderRegistry({ clock: systemClock }) });
  return factories as readonly unknown[] as readonly Factory[];
}

export function readmePath(factory: Factory): string {
  return `src/components/${factory.kind}s/${factory.type}/README.md`;
}

/** The README of a component with its option table made new; the prose around it stays. */
export function componentReadme(factory: Factory, current: string | undefined): string {
  const text = current ?? `# ${factory.type} ${factory.kind}\n\n${factory.summary}\n`;
  const table = `${start}\n\n${facts(factory)}\n\n${optionTable(factory.config)}\n\n${end}`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to === -1) return `${text.trimEnd()}\n\n## Options\n\n${table}\n`;
  return `${text.slice(0, from)}${table}${text.slice(to + end.length)}`;
}

function facts(factory: Factory): string {
  const stability = Object.entries(stabilityOf(factory)).map(
    ([what, level]) => `${what} ${level.toLowerCase()}`,
  );
  const names = aliases(factory);
  const other = names === "" ? "" : ` Other names: ${names}.`;
  return `Stability: ${stability.join(", ")}.${other}`;
}

function aliases(factory: Factory): string {
  return (factory.aliases ?? [])
    .map((alias) => `\`${alias.name}\`${alias.deprecated ? " (deprecated)" : ""}`)
    .join(", ");
}

/** docs/reference/components.md: all components by kind. */
export function componentsPage(factories: readonly Factory[]): string {
  const lines = [
    "# Components",
    "",
    "What a configuration may list, with the Collector's names and options. Made by `npm run docs`; each component's page is made from its options.",
  ];
  for (const kind of kinds) {
    const own = factories
      .filter((factory) => factory.kind === kind)
      .sort((a, b) => (a.type < b.type ? -1 : 1));
    if (own.length === 0) continue;
    lines.push(
      "",
      `## ${kind.charAt(0).toUpperCase()}${kind.slice(1)}s`,
      "",
      "| name | | stability |",
      "|---|---|---|",
    );
    for (const factory of own) {
      const names = aliases(factory);
      const link = `[${factory.type}](../../${readmePath(factory)})`;
      const summary = factory.summary.replaceAll("|", "\\|");
      const stability = Object.entries(stabilityOf(factory))
        .map(([what, level]) => `${what}: ${level.toLowerCase()}`)
        .join(", ");
      lines.push(`| ${link}${names === "" ? "" : `, ${names}`} | ${summary} | ${stability} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}
