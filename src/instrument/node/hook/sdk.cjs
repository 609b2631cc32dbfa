// Builds the three providers from OTEL_*. The usual settings (OTLP over http/protobuf) are put together from the SDK's parts,
// which costs a third of loading sdk-node with its gRPC, Zipkin and Prometheus exporters; anything else goes to sdk-node.
"use strict";
const { Outgoing } = require("./transport.cjs");
const { exportNow } = require("./export-now.cjs");
const { plainMessage } = require("./plain-message.cjs");
const status = require("./status.cjs");

const signals = [
  { name: "traces", variable: "TRACES", path: "v1/traces" },
  { name: "metrics", variable: "METRICS", path: "v1/metrics" },
  { name: "logs", variable: "LOGS", path: "v1/logs" },
];
const value = (name) => process.env[name]?.trim() || undefined;
const number = (name) => (Number(value(name)) > 0 ? Number(value(name)) : undefined);

/** `load` requires from the agent's folder. The result's `flush` hands everything over, `endNow` does so synchronously. */
function buildSdk(load) {
  const { diag } = load("@opentelemetry/api");
  diag.setLogger(toLauncher(), { logLevel: 50, suppressOverrideMessage: true });
  return isUsual() ? usualSdk(load) : configuredSdk(load);
}

function isUsual() {
  if (value("OTEL_CONFIG_FILE") || value("OTEL_EXPERIMENTAL_CONFIG_FILE")) return false;
  const propagators = value("OTEL_PROPAGATORS")?.split(",") ?? [];
  if (propagators.some((name) => !["tracecontext", "baggage"].includes(name.trim()))) return false;
  return signals.every(({ variable }) => {
    const exporter = value(`OTEL_${variable}_EXPORTER`) ?? "otlp";
    const protocol = value(`OTEL_EXPORTER_OTLP_${variable}_PROTOCOL`) ?? value("OTEL_EXPORTER_OTLP_PROTOCOL");
    return exporter === "none" || (exporter === "otlp" && (protocol ?? "http/protobuf") === "http/protobuf");
  });
}

function usualSdk(load) {
  const { context, metrics, propagation, trace } = load("@opentelemetry/api");
  const { logs } = load("@opentelemetry/api-logs");
  const outgoing = new Outgoing();
  const resource = detectResource(load);
  const wanted = signals
    .filter(({ variable }) => value(`OTEL_${variable}_EXPORTER`) !== "none")
    .map(({ name }) => name);
  const core = load("@opentelemetry/core");
  const { AsyncLocalStorageContextManager } = load("@opentelemetry/context-async-hooks");
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new core.CompositePropagator({
      propagators: [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator()],
    }),
  );
  const providers = [];
  const parts = {};
  if (wanted.includes("traces")) {
    const { BasicTracerProvider, BatchSpanProcessor } = load("@opentelemetry/sdk-trace-base");
    const { OTLPTraceExporter } = load("@opentelemetry/exporter-trace-otlp-proto");
    const processor = new BatchSpanProcessor(attached(load, outgoing, new OTLPTraceExporter(), signals[0]));
    parts.spanProcessor = processor;
    const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
    trace.setGlobalTracerProvider(provider);
    providers.push(provider);
  }
  if (wanted.includes("metrics")) {
    const { MeterProvider, PeriodicExportingMetricReader } = load("@opentelemetry/sdk-metrics");
    const { OTLPMetricExporter } = load("@opentelemetry/exporter-metrics-otlp-proto");
    const interval = number("OTEL_METRIC_EXPORT_INTERVAL") ?? 60_000;
    const reader = new PeriodicExportingMetricReader({
      exporter: attached(load, outgoing, new OTLPMetricExporter(), signals[1]),
      exportIntervalMillis: interval,
      exportTimeoutMillis: Math.min(number("OTEL_METRIC_EXPORT_TIMEOUT") ?? 30_000, interval),
    });
    const provider = new MeterProvider({ resource, readers: [reader] });
    Object.assign(parts, { reader, meterProvider: provider });
    metrics.setGlobalMeterProvider(provider);
    providers.push(provider);
  }
  let logger;
  if (wanted.includes("logs")) {
    const { BatchLogRecordProcessor, LoggerProvider } = load("@opentelemetry/sdk-logs");
    const { OTLPLogExporter } = load("@opentelemetry/exporter-logs-otlp-proto");
    const processor = new BatchLogRecordProcessor({
      exporter: attached(load, outgoing, new OTLPLogExporter(), signals[2]),
      maxQueueSize: number("OTEL_BLRP_MAX_QUEUE_SIZE"),
      scheduledDelayMillis: number("OTEL_BLRP_SCHEDULE_DELAY"),
      exportTimeoutMillis: number("OTEL_BLRP_EXPORT_TIMEOUT"),
      maxExportBatchSize: number("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"),
    });
    parts.logProcessor = processor;
    const provider = new LoggerProvider({ resource, processors: [processor] });
    logs.setGlobalLoggerProvider(provider);
    logger = provider.getLogger("console");
    providers.push(provider);
  }
  // Only used at the end, when no launcher takes the spool.
  const flush = () => {
    outgoing.stopRetrying();
    return Promise.allSettled(providers.map((provider) => provider.forceFlush()));
  };
  const endNow = () => {
    // Detectors that still wait for a file will not be waited for.
    resource._asyncAttributesPending = false;
    outgoing.end();
    exportNow(load, parts);
  };
  return { service: value("OTEL_SERVICE_NAME"), signals: wanted, logger, flush, endNow };
}

function attached(load, outgoing, exporter, { variable, path }) {
  const { convertLegacyHttpOptions } = load("@opentelemetry/otlp-exporter-base/node-http");
  const { parseKeyPairsIntoRecord } = load("@opentelemetry/core");
  const required = { "Content-Type": "application/x-protobuf" };
  const options = convertLegacyHttpOptions({}, variable, path, required);
  const headers = {
    ...parseKeyPairsIntoRecord(value("OTEL_EXPORTER_OTLP_HEADERS")),
    ...parseKeyPairsIntoRecord(value(`OTEL_EXPORTER_OTLP_${variable}_HEADERS`)),
    ...required,
  };
  outgoing.attach(exporter, options, headers);
  return exporter;
}

function detectResource(load) {
  const resources = load("@opentelemetry/resources");
  const known = {
    env: () => resources.envDetector,
    host: () => resources.hostDetector,
    os: () => resources.osDetector,
    process: () => resources.processDetector,
    serviceinstance: () => resources.serviceInstanceIdDetector,
    container: () => load("@opentelemetry/resource-detector-container").containerDetector,
  };
  const names = (value("OTEL_NODE_RESOURCE_DETECTORS") ?? "env,host,os,process,serviceinstance,container")
    .split(",")
    .map((name) => name.trim());
  // Later detectors win: what the user says in OTEL_RESOURCE_ATTRIBUTES stands above what was found.
  const order = ["container", "host", "os", "process", "serviceinstance", "env"];
  const all = names.includes("all") ? order : order.filter((name) => names.includes(name));
  const detected = resources.detectResources({ detectors: all.map((name) => known[name]()) });
  const own = resources.resourceFromAttributes({ "telemetry.distro.name": "otelier" });
  const service = value("OTEL_SERVICE_NAME");
  const named = service === undefined ? {} : { "service.name": service };
  return resources
    .defaultResource()
    .merge(own)
    .merge(detected)
    .merge(resources.resourceFromAttributes(named));
}

/** Whatever else the user has set up by OTEL_*: gRPC, JSON, other exporters, a configuration file. */
function configuredSdk(load) {
  const { startNodeSDK } = load("@opentelemetry/sdk-node");
  const { shutdown } = startNodeSDK({});
  const { logs } = load("@opentelemetry/api-logs");
  return {
    service: value("OTEL_SERVICE_NAME"),
    signals: signals
      .map(({ name }) => name)
      .filter((name) => value(`OTEL_${name.toUpperCase()}_EXPORTER`) !== "none"),
    logger: logs.getLogger("console"),
    flush: () => Promise.resolve(shutdown()).catch(() => {}),
    endNow: undefined,
  };
}

/** The agent's own complaints, once each, to the launcher instead of the program's stderr. */
function toLauncher() {
  const said = new Set();
  const say = (level) => (message) => {
    const text = plainMessage(message).slice(0, 500);
    if (said.size < 20 && !said.has(text)) status.send("agent-log", { level, text });
    said.add(text);
  };
  const nothing = () => {};
  return { error: say("ERROR"), warn: say("WARN"), info: nothing, debug: nothing, verbose: nothing };
}

module.exports = { buildSdk };
