/**
 * Keeps own metrics in the own store, as those of service "otelier". They go straight to the store and through no receiver, pipeline or exporter,
 * so what they tell of those does not change by telling: no loop. Only the store's own counts include their rows, the same few each time.
 */
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/error.ts";
import type { Random } from "../base/random.ts";
import { metricsToOtlp } from "../pipeline/self-metrics/otlp-metrics.ts";
import type { MetricRegistry } from "../pipeline/self-metrics/registry.ts";
import type { TelemetryWriter } from "../storage/store.ts";
import { Batch, internalContext } from "../telemetry/batch.ts";

export interface OwnTelemetryOptions {
  readonly store: TelemetryWriter;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  /** Told when writing begins to fail. */
  readonly onFailure: (message: string) => void;
  /** Default 10 s. */
  readonly intervalMs?: number;
}

/** Writes at once and then every interval; returns what ends it, after a last time. */
export function keepOwnMetrics(options: OwnTelemetryOptions): () => Promise<void> {
  const { clock, metrics, store } = options;
  const stopping = new AbortController();
  const startMs = clock.now();
  const resource = {
    "service.name": "otelier",
    "service.version": options.version,
    "service.instance.id": Buffer.from(options.random.bytes(16)).toString("hex"),
    "telemetry.sdk.language": "nodejs",
  };
  const failures = metrics.counter(
    "otelier_own_metrics_failed_writes",
    {},
    "Times that own metrics could not be kept.",
    "{writes}",
  );
  const write = async (): Promise<void> => {
    const tree = metricsToOtlp(metrics.collect(), {
      resource,
      scopeName: "otelier",
      scopeVersion: options.version,
      startMs,
      nowMs: clock.now(),
    });
    try {
      await store.write(Batch.fromTree("metrics", tree, internalContext));
    } catch (error) {
      failures.add(1);
      options.onFailure(`own metrics are not kept: ${messageOf(error)}`);
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await write();
      await clock.sleep(options.intervalMs ?? 10_000, stopping.signal);
    }
    await write();
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}
