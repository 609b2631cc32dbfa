/** `service.telemetry`: the program's own log and metrics (core service/telemetry/otelconftelemetry). */
import type { Diagnostic, Parsed } from "../../base/diagnostic.ts";
import type { LogEncoding, LogLevel } from "../log/log.ts";
import { nodeAt } from "../settings/config-node.ts";
import type { ConfigNode } from "../settings/config-node.ts";
import { decodeSection } from "../settings/decode.ts";
import {
  bool,
  duration,
  enumOf,
  int,
  list,
  optionalSection,
  raw,
  section,
  text,
} from "../settings/options.ts";
import type { Section } from "../settings/schema.ts";

export interface TelemetryConfig {
  readonly logs: {
    readonly level: LogLevel;
    readonly development: boolean;
    /** Undefined: console on a terminal, else json. */
    readonly encoding: LogEncoding | undefined;
    readonly disable_caller: boolean;
    readonly disable_stacktrace: boolean;
    readonly disable_zap_resource: boolean;
    readonly sampling: LogSamplingConfig | undefined;
    readonly output_paths: readonly string[];
    readonly error_output_paths: readonly string[];
    readonly initial_fields: ConfigNode | undefined;
    readonly processors: ConfigNode | undefined;
  };
  readonly metrics: {
    readonly level: "none" | "basic" | "normal" | "detailed";
    readonly address: string | undefined;
    readonly readers: ConfigNode | undefined;
    readonly views: ConfigNode | undefined;
  };
  readonly traces: ConfigNode | undefined;
  readonly resource: ConfigNode | undefined;
}

interface LogSamplingConfig {
  readonly tick: number;
  readonly initial: number;
  readonly thereafter: number;
}

const path = text({ required: true, doc: 'a file, "stdout" or "stderr"' });

const telemetryConfig: Section<TelemetryConfig> = section<TelemetryConfig>({
  logs: section<TelemetryConfig["logs"]>(
    {
      level: enumOf(["debug", "info", "warn", "error"], {
        default: "info",
        doc: "least important lines to write",
        ignoreCase: true,
        problem: (value) => `unrecognized level: "${value}"`,
      }),
      development: bool({ default: false, doc: "more to read", ignored: "it changes nothing here" }),
      encoding: enumOf(["console", "json"], {
        doc: "form of a line; absent: console on a terminal, else json",
      }),
      disable_caller: bool({ default: false, doc: "leave out places in the source; they are never shown" }),
      disable_stacktrace: bool({ default: false, doc: "leave out stack traces; they are never shown" }),
      disable_zap_resource: bool({ default: false, doc: "leave out the resource; it is never shown" }),
      sampling: optionalSection<LogSamplingConfig>(
        {
          tick: duration({ default: "10s", doc: "window" }),
          initial: int({ default: 10, doc: "lines a window" }),
          thereafter: int({ default: 100, doc: "then every nth" }),
        },
        { doc: "drop repeated lines", ignored: "no line is dropped" },
      ),
      output_paths: list(path, { default: ["stderr"], doc: "where lines go" }),
      error_output_paths: list(path, { default: ["stderr"], doc: "where failures of the log itself go" }),
      initial_fields: raw({ doc: "fields added to each line" }),
      processors: raw({ doc: "log processors", ignored: "own logs are not sent over OTLP yet" }),
    },
    { doc: "the program's own log" },
  ),
  metrics: section<TelemetryConfig["metrics"]>(
    {
      level: enumOf(["none", "basic", "normal", "detailed"], {
        default: "normal",
        doc: "how much to measure; none serves nothing",
        ignoreCase: true,
        problem: (value) => `unknown metrics level "${value}"`,
      }),
      address: text({ doc: "unused", ignored: "the Collector ignores it since v0.123; write readers" }),
      readers: raw({ doc: "who reads metrics; absent: Prometheus at localhost:8888" }),
      views: raw({ doc: "views", ignored: "views are not supported" }),
    },
    { doc: "the program's own metrics" },
  ),
  traces: raw({ doc: "the program's own traces", ignored: "otelier up --own-traces keeps own traces" }),
  resource: raw({ doc: "attributes of the program itself" }),
});

/** A Prometheus endpoint that shows our own metrics. */
export interface MetricsEndpoint {
  readonly host: string;
  readonly port: number;
  /** Readers that the user writes add "_total" and unit suffixes; the built-in one does not. */
  readonly suffixes: boolean;
}

/** `service.telemetry` and the endpoints its readers ask for. */
export function readTelemetry(
  node: ConfigNode,
): Parsed<{ readonly config: TelemetryConfig; readonly endpoints: readonly MetricsEndpoint[] }> {
  const { value: config, diagnostics } = decodeSection(telemetryConfig, node, "service", "service.telemetry");
  const found: Diagnostic[] = [...diagnostics];
  const endpoints = config.metrics.level === "none" ? [] : readEndpoints(config.metrics.readers, found);
  return { value: { config, endpoints }, diagnostics: found };
}

function readEndpoints(readers: ConfigNode | undefined, diagnostics: Diagnostic[]): MetricsEndpoint[] {
  if (readers?.kind !== "list") return [{ host: "localhost", port: 8888, suffixes: false }];
  return readers.items.flatMap((reader): MetricsEndpoint[] => {
    const prometheus = nodeAt(reader, "pull", "exporter", "prometheus");
    if (prometheus === undefined) {
      diagnostics.push({
        severity: "warning",
        code: "option-without-effect",
        message: `"service": 'service.telemetry.metrics.readers' has no effect: only pull readers with a prometheus exporter are supported`,
        hint: "scrape the Prometheus endpoint instead",
        ...(reader.range === undefined ? {} : { range: reader.range }),
      });
      return [];
    }
    const host = nodeAt(prometheus, "host");
    const port = nodeAt(prometheus, "port");
    return [
      {
        host: host?.kind === "scalar" ? host.text : "localhost",
        port: port?.kind === "scalar" && typeof port.value === "number" ? port.value : 8888,
        suffixes: true,
      },
    ];
  });
}
