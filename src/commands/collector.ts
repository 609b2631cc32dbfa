import process from "node:process";
import { stringify } from "yaml";
import { systemClock } from "../base/clock.ts";
import { hasErrors } from "../base/diagnostic.ts";
import { componentFactories } from "../components/index.ts";
import type { LoadOptions } from "../config/collector/load.ts";
import type { AnyFactory } from "../pipeline/component.ts";
import { printComponents } from "../pipeline/graph/print-components.ts";
import { printEffective } from "../pipeline/graph/print-effective.ts";
import { SenderRegistry } from "../pipeline/senders/sender-registry.ts";
import { checkCollectorConfig, printDiagnostics, runCollector } from "../stack/collector.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";
import { packageVersion } from "../base/package-version.ts";

export const collectorCommand: Command = {
  name: "collector",
  summary: "run, check or print a Collector configuration",
  description: [
    "Runs an OpenTelemetry Collector configuration alone, in place of otelcol: the same files, options and exit behaviour. Without a word it runs;",
    "SIGHUP reads the configuration again, and a bad one is refused while the old one runs on.",
  ].join("\n"),
  subcommands: {
    validate: "check the configuration and its graph; silent when good",
    components: "list the components as YAML",
    "print-config": "print the configuration as it takes effect, defaults included",
    "print-initial-config": "older name of print-config",
  },
  options: [
    {
      name: "config",
      value: "URI",
      repeat: true,
      doc: "file, or env:NAME, yaml:KEY::KEY: VALUE, https://...; later ones are laid over earlier ones",
    },
    {
      name: "set",
      value: "KEY=VALUE",
      repeat: true,
      doc: "one value, laid over all: processors.batch.timeout=2s",
    },
    {
      name: "feature-gates",
      value: "LIST",
      repeat: true,
      doc: "accepted for compatibility; there are no gates",
    },
    {
      name: "mode",
      value: "MODE",
      default: "redacted",
      choices: ["redacted", "unredacted"],
      doc: "print-config: secrets",
    },
    {
      name: "format",
      value: "FORMAT",
      default: "yaml",
      choices: ["yaml", "json"],
      doc: "print-config: form",
    },
    {
      name: "validate",
      value: "BOOL",
      default: "true",
      choices: ["true", "false"],
      doc: "print-config: check before printing",
    },
  ],
  examples: [
    { command: "otelier collector --config otel.yaml", doc: "run it" },
    {
      command:
        "otelier collector --config base.yaml --config prod.yaml --set exporters.debug.verbosity=basic",
      doc: "several files and one value, laid over each other",
    },
    {
      command: "otelier collector validate --config otel.yaml",
      doc: "all problems with their places, exit code 2",
    },
    { command: "otelier collector print-config --config otel.yaml --format json", doc: "what takes effect" },
  ],
  run: (args, io) => runCommand(args, io),
};

async function runCommand(args: Arguments, io: CommandIo): Promise<number> {
  const load: LoadOptions = {
    config: args.values("config"),
    set: args.values("set"),
    environment: io.environment,
    workingDirectory: io.workingDirectory,
  };
  if (args.values("feature-gates").length > 0) {
    io.stderr.write("otelier: --feature-gates has no effect: there are no gates\n");
  }
  switch (args.subcommand) {
    case "validate":
      return validate(load, io);
    case "components":
      return listComponents(io);
    case "print-config":
    case "print-initial-config":
      return printConfiguration(load, args, io);
    default:
      return run(load, io);
  }
}

/** Factories for looking only: nothing that they make is started. */
function factoriesForLooking(): readonly AnyFactory[] {
  return componentFactories({ senders: new SenderRegistry({ clock: systemClock }) });
}

async function validate(load: LoadOptions, io: CommandIo): Promise<number> {
  const { diagnostics, sources } = await checkCollectorConfig(load, factoriesForLooking());
  printDiagnostics(diagnostics, sources, io.stderr);
  return hasErrors(diagnostics) ? 2 : 0;
}

function listComponents(io: CommandIo): number {
  const build = { command: "otelier collector", description: "Otelier", version: packageVersion() };
  io.stdout.write(stringify(printComponents(factoriesForLooking(), build), { indent: 4 }));
  return 0;
}

async function printConfiguration(load: LoadOptions, args: Arguments, io: CommandIo): Promise<number> {
  const factories = factoriesForLooking();
  const { model, diagnostics, sources } = await checkCollectorConfig(load, factories);
  if (args.value("validate") !== "false") {
    printDiagnostics(diagnostics, sources, io.stderr);
    if (hasErrors(diagnostics)) return 2;
  }
  const plain = printEffective(model, factories, { unredacted: args.value("mode") === "unredacted" });
  const isJson = args.value("format") === "json";
  io.stdout.write(isJson ? `${JSON.stringify(plain, undefined, 2)}\n` : stringify(plain, { lineWidth: 0 }));
  return 0;
}

function run(load: LoadOptions, io: CommandIo): Promise<number> {
  return runCollector({
    load,
    factories: factoriesForLooking,
    userAgent: `otelier/${packageVersion()} (${process.platform}/${process.arch})`,
    stdout: io.stdout,
    stderr: io.stderr,
    stopSignal: io.stopSignal,
    onReload: (reload) => {
      process.on("SIGHUP", reload);
      return () => process.off("SIGHUP", reload);
    },
  });
}
