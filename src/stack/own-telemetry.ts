/**
 * Keeps own metrics and own traces in the own store, as those of service "otelier". They go straight to the store and through no receiver, pipeline or
 * exporter, so what they tell of those does not change by telling: no loop. Only the store's own counts include their rows, the same few each time.
 */
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/error.ts";
import type { Random } from "../base/random.ts";
import { metricsToOtlp } from "../pipeline/self-metrics/otlp-metrics.ts";
import type { MetricRegistry } from "../pipeline/self-metrics/registry.ts";
import { tracesToOtlp } from "../pipeline/self-traces/otlp-traces.ts";
import type { SelfTracer } from "../pipeline/self-traces/self-tracer.ts";
import type { TelemetryWriter } from "../storage/store.ts";
import { Batch, internalContext } from "../telemetry/batch.ts";

export interface OwnTelemetryOptions {
  readonly store: TelemetryWriter;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  /** Whose it is; '' where there is one only. */
  readonly tenant: string;
  /** Keep these too. */
  readonly keeps: { readonly metrics: boolean; readonly tracer: SelfTracer | undefined };
  /** Told when writing begins to fail. */
  readonly onFailure: (message: string) => void;
  /** Default 10 s. */
  readonly metricsIntervalMs?: number;
  /** Default 2 s. */
  readonly tracesIntervalMs?: number;
}

/** Writes at once and then every interval; returns what ends it, after a last time. */
export function keepOwnTelemetry(options: OwnTelemetryOptions): () => Promise<void> {
  const { clock, keeps, metrics, version } = options;
  const resource = {
    "service.name": "otelier",
    "service.version": version,
    "service.instance.id": Buffer.from(options.random.bytes(16)).toString("hex"),
    "telemetry.sdk.language": "nodejs",
  };
  const context = { ...internalContext, tenant: options.tenant };
  const identity = { resource, scopeName: "otelier", scopeVersion: version };
  const ends: (() => Promise<void>)[] = [];
  if (keeps.metrics) {
    const startMs = clock.now();
    const make = (): Batch =>
      Batch.fromTree(
        "metrics",
        metricsToOtlp(metrics.collect(), { ...identity, startMs, nowMs: clock.now() }),
        context,
      );
    ends.push(keep(options, "metrics", options.metricsIntervalMs ?? 10_000, make));
  }
  const { tracer } = keeps;
  if (tracer !== undefined) {
    metrics.observedCounter(
      "otelier_own_traces_dropped_spans",
      {},
      "Spans of own traces for which there was no room.",
      () => tracer.dropped,
      "{spans}",
    );
    const make = (): Batch | undefined => {
      const ended = tracer.take();
      if (ended.length === 0) return undefined;
      return Batch.fromTree("traces", tracesToOtlp(ended, identity), context);
    };
    ends.push(keep(options, "traces", options.tracesIntervalMs ?? 2_000, make));
  }
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}

function keep(
  { clock, metrics, store, onFailure }: OwnTelemetryOptions,
  what: "metrics" | "traces",
  intervalMs: number,
  make: () => Batch | undefined,
): () => Promise<void> {
  const stopping = new AbortController();
  const failures = metrics.counter(
    `otelier_own_${what}_failed_writes`,
    {},
    `Times that own ${what} could not be kept.`,
    "{writes}",
  );
  const write = async (): Promise<void> => {
    try {
      const batch = make();
      if (batch !== undefined) await store.write(batch);
    } catch (error) {
      failures.add(1);
      onFailure(`own ${what} are not kept: ${messageOf(error)}`);
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await write();
      await clock.sleep(intervalMs, stopping.signal);
    }
    await write();
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}
