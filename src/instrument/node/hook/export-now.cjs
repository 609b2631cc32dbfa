// Exports what the processors hold, synchronously. The SDK's forceFlush works in promises, which nobody settles any more once
// process.exit() was called; so this reads the buffers of the exact SDK version that the agent's lock file pins (a test holds
// both together). Exporters below it must answer synchronously: see Outgoing.end.
"use strict";

const batchSize = 512;
const nothing = () => {};

function exportNow(load, { spanProcessor, logProcessor, reader, meterProvider }) {
  attempt(() => drain(spanProcessor, "_finishedSpans"));
  // Metrics before logs, so that a slow callback cannot take records with it.
  attempt(() => meterProvider && collect(load, reader, meterProvider));
  attempt(() => drain(logProcessor, "_finishedLogRecords"));
}

function attempt(work) {
  try {
    work();
  } catch (error) {
    if (process.env.OTELIER_DEBUG) process._rawDebug(error?.stack);
  }
}

function drain(processor, buffer) {
  const items = processor?.[buffer].splice(0) ?? [];
  for (let at = 0; at < items.length; at += batchSize) {
    processor._exporter.export(items.slice(at, at + batchSize), nothing);
  }
}

function collect(load, reader, provider) {
  const { millisToHrTime } = load("@opentelemetry/core");
  const state = provider._sharedState;
  const collector = state.metricCollectors[0];
  const now = millisToHrTime(Date.now());
  const scopeMetrics = [];
  for (const meter of state.meterSharedStates.values()) {
    for (const { callback, instrument } of meter.observableRegistry._callbacks)
      attempt(() => observe(callback, instrument, now));
    for (const { callback, instruments } of meter.observableRegistry._batchCallbacks) {
      attempt(() => observeBatch(callback, instruments, now));
    }
    const metrics = meter.metricStorageRegistry
      .getStorages(collector)
      .map((storage) => storage.collect(collector, now))
      .filter((metric) => metric !== undefined && metric !== null);
    if (metrics.length > 0) scopeMetrics.push({ scope: meter._instrumentationScope, metrics });
  }
  if (scopeMetrics.length > 0) reader._exporter.export({ resource: state.resource, scopeMetrics }, nothing);
}

/** What a storage reads of the SDK's own map: pairs of attributes and value (it hashes attributes itself when no hash is given). */
class Observations {
  constructor() {
    this.pairs = [];
  }
  entries() {
    return this.pairs;
  }
}

function observe(callback, instrument, now) {
  const observations = new Observations();
  callback({ observe: (value, attributes = {}) => observations.pairs.push([attributes, value]) });
  for (const storage of instrument._metricStorages) storage.record(observations, now);
}

function observeBatch(callback, instruments, now) {
  const byInstrument = new Map([...instruments].map((instrument) => [instrument, new Observations()]));
  callback({
    observe: (instrument, value, attributes = {}) =>
      byInstrument.get(instrument)?.pairs.push([attributes, value]),
  });
  for (const [instrument, observations] of byInstrument) {
    for (const storage of instrument._metricStorages) storage.record(observations, now);
  }
}

module.exports = { exportNow };
