/** Official exporters x ports x compression, against the real receiver: what was sent is what arrives, values and types. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startReceiver, type RunningReceiver } from "../../fakes/otlp-receiver.ts";
import { expectedTelemetry } from "./observed.ts";
import { install, programs, send } from "./programs.ts";
import { readBatches } from "./read-batches.ts";

let otlp: RunningReceiver;
beforeAll(async () => {
  otlp = await startReceiver();
});
afterAll(async () => {
  await otlp.receiver.shutdown();
});

const startUnixMs = Date.now() - 10_000;

for (const program of programs) {
  const installed = await install(program);
  if ("missing" in installed) {
    console.log(`the exporters of ${program.language} are not tested: ${installed.missing}`);
    continue;
  }
  describe(`${program.language} exporters`, () => {
    for (const protocol of program.protocols) {
      for (const role of ["grpc", "http"] as const) {
        for (const compression of ["none", "gzip"] as const) {
          test(`${protocol} to the ${role} port, compression ${compression}`, async () => {
            const service = `${program.language}-${protocol.replace("/", "-")}-${role}-${compression}`;
            const port = role === "grpc" ? otlp.grpcPort : otlp.httpPort;
            await send(program, {
              folder: installed.folder,
              protocol,
              port,
              compression,
              service,
              startUnixMs,
            });
            expect(await readBatches(otlp)(service)).toEqual(expectedTelemetry(service, startUnixMs));
            const sender = otlp.senders.list().find((known) => known.service === service);
            expect(sender).toMatchObject({
              protocol,
              port,
              compression: compression === "gzip" ? "gzip" : "",
            });
            const isWrong = (protocol === "grpc") !== (role === "grpc");
            expect(sender?.advice.map((advice) => advice.code)).toEqual(isWrong ? ["wrong-port"] : []);
          });
        }
      }
    }
  });
}
