/** Calls that a known service did not answer, on the real engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { batchOf } from "../../../../test/contracts/store-corpus.ts";
import { openStore, type ClickHouseStore } from "../store.ts";
import { readServiceGraph } from "./service-graph.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-graph-"));
const startMs = 1_790_000_000_000;
const window = { startMs: startMs - 60_000, endMs: startMs + 60_000 };
let store: ClickHouseStore;

/** What was called at which port, and who answered; '' for nobody. */
type Call = readonly [caller: string, port: number, callee: string];

const calls: readonly Call[] = [
  ["shop", 8081, "reviews"],
  ["shop", 8081, "reviews"],
  ["shop", 8081, ""],
  // Nobody ever answered there.
  ["shop", 8083, ""],
  // Another host's 8081 may be another program: only the caller's own calls say who is there.
  ["admin", 8081, ""],
  // Two answered behind one address: which one did not cannot be told.
  ["shop", 9000, "blue"],
  ["shop", 9000, "green"],
  ["shop", 9000, ""],
];

function spansOf([caller, port, callee]: Call, index: number): readonly unknown[] {
  const hex = (digits: number, mark: string): string => String(index).padStart(digits, mark);
  const timeNano = String(BigInt(startMs) * 1_000_000n + BigInt(index) * 1_000_000n);
  const call = {
    traceId: hex(32, "a"),
    spanId: hex(16, "b"),
    name: "GET",
    kind: 3,
    startTimeUnixNano: timeNano,
    endTimeUnixNano: String(BigInt(timeNano) + 5_000_000n),
    status: { code: callee === "" ? 2 : 0 },
    attributes: [
      { key: "server.address", value: { stringValue: "127.0.0.1" } },
      { key: "server.port", value: { intValue: port } },
    ],
  };
  const of = (service: string, span: unknown): unknown => ({
    resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
    scopeSpans: [{ spans: [span] }],
  });
  const answer = { ...call, spanId: hex(16, "c"), parentSpanId: call.spanId, kind: 2, attributes: [] };
  return callee === "" ? [of(caller, call)] : [of(caller, call), of(callee, answer)];
}

beforeAll(async () => {
  store = await openStore({ dataDirectory: folder });
  const batch = batchOf("traces", { resourceSpans: calls.flatMap(spansOf) });
  await store.write(batch);
  while (store.counts().insertedRows < batch.itemCount) await systemClock.sleep(20);
});

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

it("gives calls that were not answered to the service that answers at their address", async () => {
  const { edges, sample } = await readServiceGraph(store.client, window, { tenant: "" });
  expect(sample).toBeUndefined();
  expect(
    edges
      .map(({ client, server, serverKind, count, errorCount }) => [
        client,
        server,
        serverKind,
        count,
        errorCount,
      ])
      .toSorted((a, b) => String(a).localeCompare(String(b))),
  ).toEqual([
    ["admin", "127.0.0.1:8081", "external", 1, 1],
    ["shop", "127.0.0.1:8083", "external", 1, 1],
    ["shop", "127.0.0.1:9000", "external", 1, 1],
    ["shop", "blue", "service", 1, 0],
    ["shop", "green", "service", 1, 0],
    ["shop", "reviews", "service", 3, 1],
  ]);
});
