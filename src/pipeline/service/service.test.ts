import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../../../test/fakes/component-settings.ts";
import { createManualClock } from "../../../test/fakes/manual-clock.ts";
import { OtelierError } from "../../base/error.ts";
import { seededRandom } from "../../base/random.ts";
import { toModel } from "../../config/collector/to-model.ts";
import { parseYaml } from "../../config/collector/yaml-node.ts";
import { Batch, internalContext } from "../../telemetry/batch.ts";
import { defineFactory } from "../component.ts";
import type { AnyFactory, Component, ComponentSettings, Consumer, Host } from "../component.ts";
import { printComponentId } from "../component-id.ts";
import type { ComponentLog } from "../log/log.ts";
import { createMetricRegistry } from "../self-metrics/registry.ts";
import type { MetricRegistry } from "../self-metrics/registry.ts";
import { bool, section } from "../settings/options.ts";
import { createService } from "./service.ts";
import type { Service } from "./service.ts";

interface Rig {
  readonly service: Service;
  readonly metrics: MetricRegistry;
  readonly events: string[];
  readonly hosts: Host[];
  readonly receive: (batch: Batch) => Promise<void>;
  readonly exported: Batch[];
}

const span = (): Batch =>
  Batch.fromBytes("traces", Uint8Array.from([0x0a, 4, 0x12, 2, 0x12, 0]), internalContext);

const flags = section<{ fails: boolean; mutates: boolean }>({
  fails: bool({ default: false, doc: "fail at start; exporters: fail at each batch" }),
  mutates: bool({ default: false, doc: "say that batches are changed" }),
});
type Flags = { fails: boolean; mutates: boolean };

/** A processor holds one batch back until shutdown, to show that what is inside flows out. */
function rig(pipelines: string): Rig {
  const events: string[] = [];
  const hosts: Host[] = [];
  const exported: Batch[] = [];
  const sources: Consumer[] = [];
  const part = (
    settings: ComponentSettings,
    config: Flags,
    onStop = async (): Promise<void> => {},
  ): Component => {
    const name = `${settings.kind} ${printComponentId(settings.id)}`;
    return {
      start: async (host) => {
        hosts.push(host);
        events.push(`start ${name}`);
        if (config.fails && settings.kind !== "exporter") throw new Error("no luck");
      },
      shutdown: async () => {
        events.push(`stop ${name}`);
        await onStop();
      },
    };
  };
  const summary = "Test.";
  const common = { summary, config: flags };
  const factories: AnyFactory[] = [
    defineFactory<Flags>({
      ...common,
      kind: "receiver",
      type: "r",
      signals: { traces: "stable" },
      create: (settings, config, next) => {
        if (next.traces !== undefined) sources.push(next.traces);
        return part(settings, config);
      },
    }),
    defineFactory<Flags>({
      ...common,
      kind: "processor",
      type: "hold",
      signals: {
        traces: {
          stability: "stable",
          create: (settings, config, next) => {
            const held: Batch[] = [];
            return {
              ...part(settings, config, async () => {
                for (const batch of held) await next.consume(batch);
              }),
              mutatesBatch: config.mutates,
              consume: async (batch) => void held.push(batch),
            };
          },
        },
      },
    }),
    defineFactory<Flags>({
      ...common,
      kind: "processor",
      type: "pass",
      signals: {
        traces: {
          stability: "stable",
          create: (settings, config, next) => ({
            ...part(settings, config),
            mutatesBatch: false,
            consume: (batch) => next.consume(batch),
          }),
        },
      },
    }),
    defineFactory<Flags>({
      ...common,
      kind: "exporter",
      type: "e",
      signals: {
        traces: {
          stability: "stable",
          create: (settings, config) => ({
            ...part(settings, config),
            mutatesBatch: config.mutates,
            consume: async (batch) => {
              if (config.fails) throw new OtelierError("down", { code: "down", outcome: "retryable" });
              exported.push(batch);
            },
          }),
        },
      },
    }),
    defineFactory<Flags>({
      ...common,
      kind: "extension",
      type: "x",
      stability: "stable",
      create: (settings, config) => ({
        ...part(settings, config),
        pipelinesReady: () => void events.push("ready"),
        pipelinesStopping: () => void events.push("stopping"),
      }),
    }),
  ];
  const yaml = `receivers: {r: , r/bad: {fails: true}}\nprocessors: {hold: , pass: }\nexporters: {e: , e/down: {fails: true}, e/lost: {fails: true}, e/m: {mutates: true}}\nextensions: {x: }\nservice: {extensions: [x], pipelines: ${pipelines}}`;
  const { value: root } = parseYaml(yaml, "test.yaml");
  const metrics = createMetricRegistry();
  const memory = createMemoryLog();
  const log: ComponentLog = { ...memory, child: () => log };
  const { value: service, diagnostics } = createService(toModel(root).value, factories, {
    log,
    metrics,
    clock: createManualClock(),
    random: seededRandom(1),
    userAgent: "test",
  });
  if (service === undefined) throw new Error(diagnostics.map((found) => found.message).join("\n"));
  const receive = async (batch: Batch): Promise<void> => {
    for (const source of sources) await source.consume(batch);
  };
  return { service, metrics, events, hosts, receive, exported };
}

describe("service", () => {
  it("starts from the ends and stops from the receivers, flushing what is inside", async () => {
    const { service, events, receive, exported } = rig(
      "{traces: {receivers: [r], processors: [hold], exporters: [e]}}",
    );
    await service.start();
    await receive(span());
    expect(exported).toHaveLength(0);
    await service.shutdown();
    expect(exported).toHaveLength(1);
    expect(events).toEqual([
      "start extension x",
      "start exporter e",
      "start processor hold",
      "start receiver r",
      "ready",
      "stopping",
      "stop receiver r",
      "stop processor hold",
      "stop exporter e",
      "stop extension x",
    ]);
  });

  it("stops what had started when a start fails, and says which one it was", async () => {
    const { service, events } = rig("{traces: {receivers: [r/bad], exporters: [e]}}");
    await expect(service.start()).rejects.toThrow("cannot start receiver r/bad: no luck");
    expect(events.slice(2)).toEqual([
      "start receiver r/bad",
      "stopping",
      "stop receiver r/bad",
      "stop exporter e",
      "stop extension x",
    ]);
  });

  it("counts each edge by outcome", async () => {
    const { service, metrics, receive } = rig("{traces: {receivers: [r], exporters: [e, e/down]}}");
    await service.start();
    await expect(receive(span())).rejects.toMatchObject({ message: "down", outcome: "retryable" });
    const count = (id: string, outcome: string): number | undefined =>
      metrics.read("otelcol_exporter_consumed_items", {
        otelcol_component_id: id,
        otelcol_component_kind: "exporter",
        otelcol_component_outcome: outcome,
        otelcol_signal: "traces",
      });
    expect([count("e", "success"), count("e/down", "failure"), count("e/down", "success")]).toEqual([
      1, 1, 0,
    ]);
    expect(service.edges.map(({ to, counts }) => [to, counts.items, counts.failedItems])).toEqual([
      ["exporter e (traces)", 1, 0],
      ["exporter e/down (traces)", 0, 1],
    ]);
  });

  it("tells whose failure it was, also when several fail behind one", async () => {
    const { service, metrics, receive } = rig(
      "{traces: {receivers: [r], processors: [pass], exporters: [e/down, e/lost]}}",
    );
    await service.start();
    await expect(receive(span())).rejects.toMatchObject({ message: "down; down" });
    const processor = {
      otelcol_component_id: "pass",
      otelcol_component_kind: "processor",
      otelcol_signal: "traces",
    };
    const consumed = (outcome: string): number | undefined =>
      metrics.read("otelcol_processor_consumed_items", {
        ...processor,
        otelcol_pipeline_id: "traces",
        otelcol_component_outcome: outcome,
      });
    expect([consumed("failure"), consumed("refused")]).toEqual([0, 1]);
    const labels = { processor: "pass", otel_signal: "traces" };
    expect(metrics.read("otelcol_processor_incoming_items", labels)).toBe(1);
    expect(metrics.read("otelcol_processor_outgoing_items", labels)).toBe(1);
  });

  it("lets somebody look at an edge, who cannot break it", async () => {
    const { service, receive, exported } = rig("{traces: {receivers: [r], exporters: [e]}}");
    await service.start();
    const seen: number[] = [];
    const stop = service.edges[0]?.observe((batch) => seen.push(batch.itemCount));
    service.edges[0]?.observe(() => {
      throw new Error("broken observer");
    });
    await receive(span());
    stop?.();
    await receive(span());
    expect([seen, exported.length]).toEqual([[1], 2]);
  });

  it("copies for a pipeline that changes batches further down", async () => {
    const { service, receive, exported } = rig(
      "{traces/a: {receivers: [r], exporters: [e]}, traces/b: {receivers: [r], processors: [hold], exporters: [e/m]}}",
    );
    await service.start();
    const batch = span();
    await receive(batch);
    await service.shutdown();
    expect(exported.map((given) => given === batch)).toEqual([true, false]);
  });

  it("tells of a component's failure", async () => {
    const { service, hosts } = rig("{traces: {receivers: [r], exporters: [e]}}");
    await service.start();
    hosts[0]?.fail({ type: "r", name: "" }, new Error("socket gone"));
    await expect(service.failure).resolves.toMatchObject({ message: '"r" failed: socket gone' });
  });
});
