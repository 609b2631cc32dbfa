/** Official exporters x ports x compression, against the running stack: what was sent is what its API answers, values and types. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SendersAnswer } from "../../../src/api/explore/wire.ts";
import { freePort, StackProcess } from "../durability/stack-process.ts";
import { expectedTelemetry } from "./observed.ts";
import { install, programs, send } from "./programs.ts";
import { readApi } from "./read-api.ts";

const dataDir = mkdtempSync(join(tmpdir(), "otelier-exporters-"));
const ports = { grpc: await freePort(), otlpHttp: await freePort(), http: await freePort() };
const stack = new StackProcess(dataDir, ports);
const api = `http://127.0.0.1:${ports.http}`;

beforeAll(() => stack.start());
afterAll(async () => {
  await stack.kill("SIGTERM");
  rmSync(dataDir, { recursive: true, force: true });
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
            const port = role === "grpc" ? ports.grpc : ports.otlpHttp;
            await send(program, {
              folder: installed.folder,
              protocol,
              port,
              compression,
              service,
              startUnixMs,
            });
            const expected = expectedTelemetry(service, startUnixMs);
            expect(await readApi(api, startUnixMs, expected)(service)).toEqual(expected);
            const { senders } = (await (await fetch(`${api}/api/senders`)).json()) as SendersAnswer;
            expect(senders.find((sender) => sender.service === service)).toMatchObject({ protocol, port });
          });
        }
      }
    }
  });
}
