import type { Figure, Subject } from "./figure.ts";

/** Every benchmark by its name; loaded only when asked for, because some start engines. */
const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  codec: async () => (await import("./codec.ts")).codec,
  durations: async () => (await import("./durations.ts")).durations,
  ebpf: async () => (await import("./ebpf.ts")).ebpf,
  forward: async () => (await import("./forward.ts")).forward,
  ingest: async () => (await import("./ingest.ts")).ingest,
  pipeline: async () => (await import("./pipeline.ts")).pipeline,
  soak: async () => (await import("./soak.ts")).soak,
  transcode: async () => (await import("./transcode.ts")).transcode,
  ui: async () => (await import("./ui.ts")).ui,
};

/**
 * `npm run bench -- codec [more subjects]`: one JSON object a figure on standard output, the same for people on standard error.
 * Without a subject, lists them. Exit code 2 for a subject that does not exist.
 */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => subjects[name] === undefined);
  if (names.length === 0 || unknown.length > 0) {
    for (const name of unknown) console.error(`cannot run benchmark "${name}": no such subject`);
    console.error(`subjects: ${Object.keys(subjects).join(", ")}`);
    return names.length === 0 ? 0 : 2;
  }
  for (const name of names) {
    const subject = await subjects[name]?.();
    if (subject === undefined) continue;
    console.error(`${name}: ${subject.about}`);
    for (const figure of await subject.run()) {
      console.log(JSON.stringify({ subject: name, ...figure }));
      console.error(`  ${printFigure(figure)}`);
    }
  }
  return 0;
}

function printFigure(figure: Figure): string {
  const number = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 2 });
  const spread =
    figure.min === undefined || figure.max === undefined
      ? ""
      : ` (${number(figure.min)} to ${number(figure.max)})`;
  const interval =
    figure.interval === undefined
      ? ""
      : `, 95 %: ${number(figure.interval[0])} to ${number(figure.interval[1])}`;
  return `${figure.name.padEnd(36)} ${number(figure.value).padStart(12)} ${figure.unit}${spread}${interval}`;
}

process.exitCode = await main(process.argv.slice(2));
