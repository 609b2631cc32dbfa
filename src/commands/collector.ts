import type { Command } from "./command.ts";

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
  run: async (args, io) => {
    const { runCollectorCommand } = await import("./collector-run.ts");
    return runCollectorCommand(args, io);
  },
};
