/** Official exporters x ports x compression, against the running stack: what was sent is what its API answers, values and types. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { SendersAnswer } from "../../../src/api/explore/wire.ts";
import { freePort } from "../../fakes/free-port.ts";
import { StackProcess } from "../durability/stack-process.ts";
import { eachExporter } from "./each-exporter.ts";
import { expectedTelemetry } from "./observed.ts";
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

await eachExporter(
  (role) => (role === "grpc" ? ports.grpc : ports.otlpHttp),
  async ({ service, protocol, port, startUnixMs }) => {
    const expected = expectedTelemetry(service, startUnixMs);
    expect(await readApi(api, startUnixMs, expected)(service)).toEqual(expected);
    const { senders } = (await (await fetch(`${api}/api/senders`)).json()) as SendersAnswer;
    expect(senders.find((sender) => sender.service === service)).toMatchObject({ protocol, port });
  },
);
