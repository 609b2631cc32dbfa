/** Official exporters x ports x compression, against the real receiver: what was sent is what arrives, values and types. */
import { afterAll, beforeAll, expect } from "vitest";
import { startReceiver, type RunningReceiver } from "../../fakes/otlp-receiver.ts";
import { eachExporter } from "./each-exporter.ts";
import { expectedTelemetry } from "./observed.ts";
import { readBatches } from "./read-batches.ts";

let otlp: RunningReceiver;
beforeAll(async () => {
  otlp = await startReceiver();
});
afterAll(async () => {
  await otlp.receiver.shutdown();
});

await eachExporter(
  (role) => (role === "grpc" ? otlp.grpcPort : otlp.httpPort),
  async ({ service, protocol, role, port, compression, startUnixMs }) => {
    expect(await readBatches(otlp)(service)).toEqual(expectedTelemetry(service, startUnixMs));
    const sender = otlp.senders.list().find((known) => known.service === service);
    expect(sender).toMatchObject({ protocol, port, compression: compression === "gzip" ? "gzip" : "" });
    const isWrong = (protocol === "grpc") !== (role === "grpc");
    expect(sender?.advice.map((advice) => advice.code)).toEqual(isWrong ? ["wrong-port"] : []);
  },
);
