/**
 * Runs a Collector configuration: loads and checks it, builds the service, serves its own metrics, and stops it orderly. `otelier collector` is this
 * alone; `otelier up` runs it inside the stack.
 */
import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Clock } from "../base/clock.ts";
import { systemClock } from "../base/clock.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { hasErrors } from "../base/diagnostic.ts";
import { messageOf } from "../base/error.ts";
import { keepHeapHeadroom } from "../base/heap-headroom.ts";
import type { HttpServer } from "../base/net/http-server.ts";
import { printDiagnostic } from "../base/print-diagnostic.ts";
import { systemRandom } from "../base/random.ts";
import { loadCollectorConfig } from "../config/collector/load.ts";
import type { LoadOptions, LoadedConfig } from "../config/collector/load.ts";
import type { AnyFactory, Tracer } from "../pipeline/component.ts";
import { planGraph } from "../pipeline/graph/plan.ts";
import { createLog } from "../pipeline/log/log.ts";
import type { ComponentLog } from "../pipeline/log/log.ts";
import { registerProcessMetrics } from "../pipeline/self-metrics/process-metrics.ts";
import { createMetricRegistry } from "../pipeline/self-metrics/registry.ts";
import type { MetricRegistry } from "../pipeline/self-metrics/registry.ts";
import { createService } from "../pipeline/service/service.ts";
import type { Service } from "../pipeline/service/service.ts";
import { readTelemetry } from "../pipeline/service/telemetry-config.ts";
import type { MetricsEndpoint, TelemetryConfig } from "../pipeline/service/telemetry-config.ts";
import { serveMetrics } from "./metrics-endpoint.ts";

export interface CheckedConfig extends LoadedConfig {
  readonly telemetry: TelemetryConfig;
  readonly endpoints: readonly MetricsEndpoint[];
}

/** Loads a configuration and checks all of it, the graph included; nothing is started. */
export async function checkCollectorConfig(
  options: LoadOptions,
  factories: readonly AnyFactory[],
): Promise<CheckedConfig> {
  const loaded = await loadCollectorConfig(options);
  const telemetry = readTelemetry(loaded.model.telemetry);
  // A file that could not be read says nothing about the graph.
  const graph = hasErrors(loaded.diagnostics) ? [] : planGraph(loaded.model, factories).diagnostics;
  const diagnostics = [...loaded.diagnostics, ...telemetry.diagnostics, ...graph];
  const { config, endpoints } = telemetry.value;
  return { ...loaded, telemetry: config, endpoints, diagnostics };
}

/** Prints diagnostics with their code frames. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  output: CollectorOutput,
): void {
  for (const diagnostic of diagnostics) {
    output.write(`${printDiagnostic(diagnostic, { sources, colour: output.isTTY === true })}\n`);
  }
}

export interface CollectorOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface CollectorOptions {
  readonly load: LoadOptions;
  /** Called for each (re)start, so that a reload gets factories of its own. */
  readonly factories: () => readonly AnyFactory[];
  readonly userAgent: string;
  readonly stdout: CollectorOutput;
  readonly stderr: CollectorOutput;
  /** Aborts: stop orderly. */
  readonly stopSignal: AbortSignal;
  /** Called once with what to call when the configuration should be read again (SIGHUP); gives a function that ends this. */
  readonly onReload?: (reload: () => void) => () => void;
  readonly clock?: Clock;
  /** Where own metrics are kept; a new registry when absent. */
  readonly metrics?: MetricRegistry;
  /** Begins own traces; none are made when absent. */
  readonly tracer?: Tracer;
  /** Told of each service that runs. */
  readonly onStarted?: (service: Service, metrics: MetricRegistry) => void;
}

interface Running {
  readonly service: Service;
  readonly servers: readonly HttpServer[];
  readonly log: ComponentLog;
}

/** Runs until the stop signal; gives the exit code: 0 stopped, 1 failed, 2 bad configuration. */
export async function runCollector(options: CollectorOptions): Promise<number> {
  // Listened to all the time: a second SIGHUP during a reload must neither be lost nor end the program.
  const reloads: ReloadRequests = { isPending: false, wake: undefined };
  const unsubscribe = options.onReload?.(() => {
    reloads.isPending = true;
    reloads.wake?.();
  });
  const stopHeadroom = keepHeapHeadroom(heapHeadroomBytes, options.clock ?? systemClock);
  try {
    return await runUntilStopped(options, reloads);
  } finally {
    stopHeadroom();
    unsubscribe?.();
  }
}

/** More makes collections rarer still, but the Go Collector's memory is the bound (bench/forward.ts). */
const heapHeadroomBytes = 48 * 1024 * 1024;

interface ReloadRequests {
  isPending: boolean;
  wake: (() => void) | undefined;
}

async function runUntilStopped(options: CollectorOptions, reloads: ReloadRequests): Promise<number> {
  const metrics = options.metrics ?? createMetricRegistry();
  const checked = await checkCollectorConfig(options.load, options.factories());
  printDiagnostics(checked.diagnostics, checked.sources, options.stderr);
  if (hasErrors(checked.diagnostics)) return 2;
  let running: Running;
  try {
    running = await start(checked, options, metrics);
  } catch (error) {
    options.stderr.write(`otelier: ${messageOf(error)}\n`);
    return 1;
  }
  for (;;) {
    const event = await nextEvent(running.service, options, reloads);
    if (event.kind === "reload") {
      reloads.isPending = false;
      const next = await checkCollectorConfig(options.load, options.factories());
      printDiagnostics(next.diagnostics, next.sources, options.stderr);
      if (hasErrors(next.diagnostics)) {
        running.log.error("The new configuration is bad; the old one runs on.");
        continue;
      }
      running.log.info("Config updated, restart service");
      await stop(running);
      metrics.dropGauges();
      try {
        running = await start(next, options, metrics);
      } catch (error) {
        options.stderr.write(`otelier: ${messageOf(error)}\n`);
        return 1;
      }
      continue;
    }
    if (event.kind === "failed")
      running.log.error("A component failed; shutting down.", { error: event.error.message });
    else running.log.info("Starting shutdown...");
    await stop(running);
    running.log.info("Shutdown complete.");
    return event.kind === "failed" ? 1 : 0;
  }
}

type CollectorEvent = { kind: "stop" } | { kind: "reload" } | { kind: "failed"; error: Error };

function nextEvent(
  service: Service,
  options: CollectorOptions,
  reloads: ReloadRequests,
): Promise<CollectorEvent> {
  return new Promise((resolveEvent) => {
    const finish = (event: CollectorEvent): void => {
      options.stopSignal.removeEventListener("abort", onStop);
      reloads.wake = undefined;
      resolveEvent(event);
    };
    const onStop = (): void => finish({ kind: "stop" });
    reloads.wake = (): void => finish({ kind: "reload" });
    options.stopSignal.addEventListener("abort", onStop);
    void service.failure.then((error) => finish({ kind: "failed", error }));
    if (options.stopSignal.aborted) onStop();
    else if (reloads.isPending) finish({ kind: "reload" });
  });
}

async function start(
  checked: CheckedConfig,
  options: CollectorOptions,
  metrics: MetricRegistry,
): Promise<Running> {
  const clock = options.clock ?? systemClock;
  const log = logOf(checked.telemetry, options, clock);
  registerProcessMetrics(metrics);
  const { value: service, diagnostics } = createService(checked.model, options.factories(), {
    log,
    metrics,
    clock,
    random: systemRandom,
    userAgent: options.userAgent,
    ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
  });
  const failure = diagnostics.find((diagnostic) => diagnostic.severity === "error");
  if (service === undefined) throw new Error(failure?.message ?? "cannot build the pipelines");
  await service.start();
  const servers: HttpServer[] = [];
  for (const endpoint of checked.endpoints) {
    try {
      const server = await serveMetrics(endpoint, metrics);
      servers.push(server);
      log.info("Serving own metrics.", { endpoint: `${server.urls[0]}/metrics` });
    } catch (error) {
      log.warn("Own metrics are not served.", { error: messageOf(error) });
    }
  }
  log.info("Everything is ready. Begin running and processing data.");
  options.onStarted?.(service, metrics);
  return { service, servers, log };
}

async function stop({ service, servers }: Running): Promise<void> {
  await service.shutdown();
  await Promise.all(servers.map((server) => server.close(0)));
}

function logOf({ logs }: TelemetryConfig, options: CollectorOptions, clock: Clock): ComponentLog {
  const writers = logs.output_paths.map((path) => {
    if (path === "stderr") return (line: string): unknown => options.stderr.write(line);
    if (path === "stdout") return (line: string): unknown => options.stdout.write(line);
    return fileWriter(resolve(options.load.workingDirectory, path), options.stderr);
  });
  const isTerminal = options.stderr.isTTY === true && logs.output_paths.includes("stderr");
  return createLog({
    level: logs.level,
    encoding: logs.encoding ?? (isTerminal ? "console" : "json"),
    colour: isTerminal,
    clock,
    write: (line) => {
      for (const write of writers) write(line);
    },
    fields: initialFields(logs.initial_fields),
  });
}

/** Appends line by line, so that the last line is there when the program ends; a file that cannot be written is told of once. */
function fileWriter(file: string, stderr: CollectorOutput): (line: string) => void {
  let isBroken = false;
  return (line) => {
    try {
      appendFileSync(file, line);
      isBroken = false;
    } catch (error) {
      if (!isBroken) stderr.write(`otelier: cannot write the log "${file}": ${messageOf(error)}\n`);
      isBroken = true;
    }
  };
}

function initialFields(node: TelemetryConfig["logs"]["initial_fields"]): Record<string, string> {
  if (node?.kind !== "map") return {};
  return Object.fromEntries(
    [...node.entries].flatMap(([key, { value }]) => (value.kind === "scalar" ? [[key, value.text]] : [])),
  );
}
