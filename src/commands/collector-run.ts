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
import type { Arguments, CommandIo } from "./command.ts";
import { packageVersion } from "../base/package-version.ts";

/** The command's work, apart from its table: what it needs is most of the program, and no other command waits for it. */
export async function runCollectorCommand(args: Arguments, io: CommandIo): Promise<number> {
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
