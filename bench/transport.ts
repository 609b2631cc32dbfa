import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { systemClock } from "../src/base/clock.ts";
import { seededRandom } from "../src/base/random.ts";
import { createOtlpGrpcExporter } from "../src/components/exporters/otlp_grpc/otlp-grpc.ts";
import { otlpGrpcConfig } from "../src/components/exporters/otlp_grpc/config.ts";
import { createOtlpReceiver } from "../src/components/receivers/otlp/otlp.ts";
import { otlpReceiverConfig } from "../src/components/receivers/otlp/config.ts";
import type { ComponentKind, ComponentSettings, Host } from "../src/pipeline/component.ts";
import { createMetricRegistry } from "../src/pipeline/self-metrics/registry.ts";
import { SenderRegistry } from "../src/pipeline/senders/sender-registry.ts";
import type { ConfigNode } from "../src/pipeline/settings/config-node.ts";
import { decodeSection, defaultConfig } from "../src/pipeline/settings/decode.ts";
import type { Figure, Subject } from "./figure.ts";
import type { LoadOrder } from "./transport-peer.ts";

const runs = 3;

/** A relay as the Collector is used most: OTLP/gRPC in, OTLP/gRPC out, nothing in between. Its own CPU time counts; peers have their process. */
export const transport: Subject = {
  about: "OTLP/gRPC -> receiver -> otlp_grpc exporter -> OTLP/gRPC, CPU time of the relay alone",
  run: async () => {
    const peer = fork(join(import.meta.dirname, "transport-peer.ts"), { execArgv: ["--import", "tsx"] });
    const [{ sinkPort }] = (await once(peer, "message")) as [{ sinkPort: number }];
    const figures: Figure[] = [];
    for (const compression of ["none", "gzip"] as const) {
      for (const [spansPerRequest, requests] of [
        [100, 20_000],
        [1000, 4000],
      ] as const) {
        const relay = await startRelay(sinkPort, compression);
        const order = { port: relay.port, compression, spansPerRequest, requests };
        await drive(peer, { ...order, requests: requests / 4 });
        const rates: number[] = [];
        for (let run = 0; run < runs; run++) rates.push(await measure(peer, order));
        await relay.stop();
        rates.sort((left, right) => left - right);
        figures.push({
          name: `relay, ${spansPerRequest} spans a request, ${compression}`,
          value: rates[rates.length >> 1] ?? 0,
          unit: "spans per CPU-second",
          min: rates[0] ?? 0,
          max: rates.at(-1) ?? 0,
        });
      }
    }
    peer.kill();
    return figures;
  },
};

async function measure(peer: ChildProcess, order: LoadOrder): Promise<number> {
  const before = process.cpuUsage();
  const relayed = await drive(peer, order);
  const used = process.cpuUsage(before);
  if (relayed !== order.requests) throw new Error(`${order.requests - relayed} requests were lost`);
  return (order.requests * order.spansPerRequest) / ((used.user + used.system) / 1e6);
}

async function drive(peer: ChildProcess, order: LoadOrder): Promise<number> {
  const answered = once(peer, "message") as Promise<[{ relayed: number }]>;
  peer.send(order);
  return (await answered)[0].relayed;
}

async function startRelay(
  sinkPort: number,
  compression: "none" | "gzip",
): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const host: Host = { extension: () => undefined, fail: () => undefined };
  const sendingConfig = defaultConfig(otlpGrpcConfig);
  const exporter = createOtlpGrpcExporter(settings("exporter", "otlp_grpc"), "traces", {
    ...sendingConfig,
    endpoint: `127.0.0.1:${sinkPort}`,
    compression,
    sending_queue: undefined,
    tls: { ...sendingConfig.tls, insecure: true },
  });
  const endpoint = { kind: "scalar", value: "127.0.0.1:0", text: "127.0.0.1:0", fromText: false } as const;
  const grpc = map({ endpoint });
  const { value: config } = decodeSection(
    otlpReceiverConfig,
    map({ protocols: map({ grpc }) }),
    "receivers.otlp",
  );
  const receiver = createOtlpReceiver({
    settings: settings("receiver", "otlp"),
    config,
    next: { traces: exporter },
    senders: new SenderRegistry({ clock: systemClock }),
    refuseForeignOrigins: false,
  });
  await exporter.start(host);
  await receiver.start(host);
  return {
    port: receiver.ports.grpc ?? 0,
    stop: async () => {
      await receiver.shutdown();
      await exporter.shutdown();
    },
  };
}

function map(entries: Readonly<Record<string, ConfigNode>>): ConfigNode {
  return { kind: "map", entries: new Map(Object.entries(entries).map(([key, value]) => [key, { value }])) };
}

function settings(kind: ComponentKind, type: string): ComponentSettings {
  return {
    id: { type, name: "" },
    kind,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    metrics: createMetricRegistry(),
    clock: systemClock,
    random: seededRandom(1),
    userAgent: "bench",
  };
}
