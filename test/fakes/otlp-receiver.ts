import { systemClock } from "../../src/base/clock.ts";
import {
  createOtlpReceiver,
  type OtlpReceiver,
  type OtlpReceiverOptions,
} from "../../src/components/receivers/otlp/otlp.ts";
import { otlpReceiverConfig } from "../../src/components/receivers/otlp/config.ts";
import type { Extension } from "../../src/pipeline/component.ts";
import { SenderRegistry } from "../../src/pipeline/senders/sender-registry.ts";
import { decodeSection } from "../../src/pipeline/settings/decode.ts";
import { testSettings, type TestSettings } from "./component-settings.ts";
import { yamlNode } from "./config-node.ts";
import { TestConsumer } from "./consumer.ts";
import { testHost } from "./host.ts";

export interface RunningReceiver {
  readonly receiver: OtlpReceiver;
  readonly settings: TestSettings;
  readonly senders: SenderRegistry;
  readonly traces: TestConsumer;
  readonly metrics: TestConsumer;
  readonly logs: TestConsumer;
  readonly grpcPort: number;
  readonly httpPort: number;
}

const bothProtocols = "protocols: {grpc: {endpoint: 'localhost:0'}, http: {endpoint: 'localhost:0'}}";

/** Starts a receiver of the real component on free ports, with consumers that keep what arrives. */
export async function startReceiver(
  yaml: string = bothProtocols,
  options: Partial<OtlpReceiverOptions> = {},
  extensions: Readonly<Record<string, Extension>> = {},
): Promise<RunningReceiver> {
  const settings = testSettings("receiver", "otlp");
  const { value: config, diagnostics } = decodeSection(otlpReceiverConfig, yamlNode(yaml), "receivers.otlp");
  if (diagnostics.length > 0) throw new Error(diagnostics.map((found) => found.message).join("\n"));
  const senders = new SenderRegistry({ clock: systemClock });
  const consumers = { traces: new TestConsumer(), metrics: new TestConsumer(), logs: new TestConsumer() };
  const receiver = createOtlpReceiver({
    settings,
    config,
    senders,
    next: consumers,
    refuseForeignOrigins: false,
    ...options,
  });
  await receiver.start(testHost(extensions));
  const { grpc = 0, http = 0 } = receiver.ports;
  return { receiver, settings, senders, ...consumers, grpcPort: grpc, httpPort: http };
}
