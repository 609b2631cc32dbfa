import { OtelierError } from "../../../base/error.ts";
import { routesOf, selectionOf } from "../../../instrument/ebpf/configuration/selection-of.ts";
import { startObserving, type Observation } from "../../../instrument/observe-processes.ts";
import { toParent } from "../../../instrument/ebpf/otlp-post.ts";
import { printComponentId } from "../../../pipeline/component-id.ts";
import type { ComponentSettings, Consumer, Counter, Host, Receiver } from "../../../pipeline/component.ts";
import { itemNoun, receiverUnits } from "../../../pipeline/self-metrics/item-noun.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { EbpfReceiverConfig } from "./config.ts";

/**
 * Observes programs for the pipeline. The tracer is a process of its own; what it has found is kept there, up to its bounds, until the pipeline
 * has taken it.
 */
export class EbpfReceiver implements Receiver {
  private readonly settings: ComponentSettings;
  private readonly config: EbpfReceiverConfig;
  private readonly next: Partial<Readonly<Record<Signal, Consumer>>>;
  private observation: Observation | undefined;
  private isStopping = false;

  constructor(
    settings: ComponentSettings,
    config: EbpfReceiverConfig,
    next: Partial<Readonly<Record<Signal, Consumer>>>,
  ) {
    this.settings = settings;
    this.config = config;
    this.next = next;
  }

  async start(host: Host): Promise<void> {
    const { log, id } = this.settings;
    const observation = await startObserving({
      selection: selectionOf(this.config),
      routes: routesOf(this.config),
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: toParent,
        OTEL_METRIC_EXPORT_INTERVAL: String(this.config.metrics_interval),
        ...(this.next.traces === undefined ? { OTEL_TRACES_EXPORTER: "none" } : {}),
        ...(this.next.metrics === undefined ? { OTEL_METRICS_EXPORTER: "none" } : {}),
        ...(this.next.logs === undefined ? { OTEL_LOGS_EXPORTER: "none" } : {}),
      },
      onReport: (line) => log.info(line.replace(/^otelier: /, "")),
      onTelemetry: (signal, body) => this.take(signal, body),
    });
    if ("refused" in observation) {
      const message = `cannot observe programs: ${observation.refused}`;
      throw new OtelierError(message, { code: "component-start", outcome: "permanent" });
    }
    this.observation = observation;
    void observation.ended.then((how) => {
      if (!this.isStopping) host.fail(id, new Error(how));
    });
  }

  async shutdown(): Promise<void> {
    this.isStopping = true;
    await this.observation?.stop();
  }

  private async take(signal: Signal, body: Uint8Array): Promise<void> {
    const consumer = this.next[signal];
    if (consumer === undefined) return;
    const batch = Batch.fromBytes(signal, body, internalContext);
    try {
      await consumer.consume(batch);
    } catch (error) {
      this.counter(signal, "refused").add(batch.itemCount);
      throw error;
    }
    this.counter(signal, "accepted").add(batch.itemCount);
  }

  private counter(signal: Signal, outcome: "accepted" | "refused"): Counter {
    const noun = itemNoun[signal];
    const labels = { receiver: printComponentId(this.settings.id), transport: "ebpf" };
    return this.settings.metrics.counter(
      `otelcol_receiver_${outcome}_${noun}`,
      labels,
      `Number of ${noun.replace("_", " ")} ${outcome === "accepted" ? "successfully pushed into" : "that could not be pushed into"} the pipeline.`,
      receiverUnits[signal],
    );
  }
}
