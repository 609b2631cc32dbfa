/**
 * Everything wrong that a client can send, and what becomes of it: docs/reference/malformed-input.md, which this test compares and
 * `npx vitest run --project unit test/contracts/malformed -u` writes. One server gets all of it, and after each takes good requests.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MetricRegistry } from "../../../src/pipeline/self-metrics/registry.ts";
import { sendGrpc, sendHttp } from "../../fakes/otlp-client.ts";
import { otlpBytes } from "../../fakes/otlp-payload.ts";
import { startReceiver, type RunningReceiver } from "../../fakes/otlp-receiver.ts";
import type { Ports } from "./case.ts";
import { connectionCases } from "./connections.ts";
import { messageCases } from "./messages.ts";
import { requestCases } from "./requests.ts";
import { malformedPage, type Row } from "./page.ts";

const cases = [...messageCases, ...requestCases, ...connectionCases];
const rows: Row[] = [];
let patient: RunningReceiver;
let hurried: RunningReceiver;
let ports: Ports;

beforeAll(async () => {
  patient = await startReceiver();
  const short = "read_timeout: 200ms, read_header_timeout: 1s, idle_timeout: 200ms";
  hurried = await startReceiver(`protocols: {http: {endpoint: 'localhost:0', ${short}}}`);
  ports = { grpc: patient.grpcPort, http: patient.httpPort, hurried: hurried.httpPort };
});
afterAll(() => Promise.all([patient.receiver.shutdown(), hurried.receiver.shutdown()]));

/** Refused requests by reason. */
function refusals(metrics: MetricRegistry): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, series } of metrics.collect()) {
    if (name !== "otelier_receiver_refused_requests") continue;
    for (const one of series) {
      const reason = one.labels["reason"] ?? "";
      if ("value" in one) found.set(reason, (found.get(reason) ?? 0) + one.value);
    }
  }
  return found;
}

/** Batches that reached a pipeline. */
function batches({ traces, metrics, logs }: RunningReceiver): number {
  return traces.batches.length + metrics.batches.length + logs.batches.length;
}

/** A good request by HTTP and one by gRPC reach the pipeline; again when a receiver with short times was not quick enough. */
async function expectGoesOn({ traces, grpcPort, httpPort }: RunningReceiver): Promise<void> {
  const items = (): number => traces.batches.reduce((sum, batch) => sum + batch.itemCount, 0);
  const before = items();
  const bytes = otlpBytes("traces");
  await expect.poll(async () => (await sendHttp(httpPort, bytes)).http).toBe(200);
  await expect.poll(async () => (await sendGrpc(grpcPort === 0 ? httpPort : grpcPort, bytes)).grpc).toBe(0);
  expect(items() - before).toBeGreaterThanOrEqual(4);
}

describe("malformed input is answered, counted, and the server goes on", () => {
  it.each(cases)("$protocol: $name", async ({ protocol, name, reason, send }) => {
    const server = protocol === "HTTP/2" || name.startsWith("slow: ") ? hurried : patient;
    const before = refusals(server.settings.metrics);
    const taken = batches(server);
    const outcome = await send(ports);
    const counted = [...refusals(server.settings.metrics)].filter(
      ([found, count]) => count !== (before.get(found) ?? 0),
    );
    expect(counted.map(([found]) => found)).toEqual(reason === "" || reason === "taken" ? [] : [reason]);
    expect(batches(server) - taken).toBe(reason === "taken" ? 1 : 0);
    await expectGoesOn(server);
    rows.push({ protocol, name, reason, ...outcome });
  });

  it("as docs/reference/malformed-input.md says", async () => {
    const kinds = new Set(cases.map(({ protocol, name }) => `${protocol} ${name}`));
    expect(kinds.size).toBe(cases.length);
    await expect(malformedPage(rows)).toMatchFileSnapshot("../../../docs/reference/malformed-input.md");
  });
});
