/** Whatever telemetry a store takes, it gives back: random requests of all signals, written, exported and compared item by item. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { openStore } from "../../src/storage/clickhouse/store.ts";
import type { Store } from "../../src/storage/store.ts";
import { bytesToOtlpJson } from "../../src/telemetry/json/print.ts";
import { signals, type Signal } from "../../src/telemetry/signal.ts";
import { RandomTelemetry } from "./random-telemetry.ts";
import { batchOf, startMs } from "./store-corpus.ts";

const directory = mkdtempSync(join(tmpdir(), "otelier-random-"));
let store: Store;
beforeAll(async () => {
  store = await openStore({ dataDirectory: directory });
}, 60_000);
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

type Entry = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): readonly Entry[] => (Array.isArray(value) ? (value as Entry[]) : []);

/** The items of a request, each with the resource and scope (and metric) that it lies in; in an order that follows from the content alone. */
function itemsOf(signal: Signal, request: Entry): string[] {
  const [resources, scopes, items] = {
    traces: ["resourceSpans", "scopeSpans", "spans"],
    logs: ["resourceLogs", "scopeLogs", "logRecords"],
    metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
  }[signal] as [string, string, string];
  const found: string[] = [];
  for (const { [scopes]: inScopes, ...resource } of listOf(request[resources])) {
    for (const { [items]: inItems, ...scope } of listOf(inScopes)) {
      for (const item of listOf(inItems)) {
        const origin = { in: resource, under: scope };
        const pieces = signal === "metrics" ? pointsOf(item) : [item];
        found.push(...pieces.map((piece) => canonical({ origin, piece })));
      }
    }
  }
  return found.sort();
}

/** A metric's data points, each with the metric around it. */
function pointsOf(metric: Entry): readonly unknown[] {
  return Object.entries(metric).flatMap(([kind, data]) => {
    if (typeof data !== "object" || data === null || !("dataPoints" in data)) return [];
    const { dataPoints, ...about } = data;
    return listOf(dataPoints).map((point) => ({ ...metric, [kind]: about, point }));
  });
}

/** Equal for what means the same: exemplars have no order, and an empty resource or scope is none. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (name, inner: unknown) => {
    if (name === "exemplars") return listOf(inner).map(canonical).sort();
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1));
    const isOrigin = name === "resource" || name === "scope";
    return isOrigin && entries.length === 0 ? undefined : Object.fromEntries(entries);
  });
}

async function exported(signal: Signal, tenant: string): Promise<string[]> {
  const query = { format: "otlp-json", signals: [signal] } as const;
  const found: string[] = [];
  for (const piece of await store.exportPieces(query, { tenant })) {
    const lines = Buffer.from(await store.exportPiece(query, piece, { tenant }))
      .toString()
      .trim()
      .split("\n");
    for (const line of lines) found.push(...itemsOf(signal, JSON.parse(line) as Entry));
  }
  return found.sort();
}

const cases = signals.flatMap((signal) => [1, 2].map((seed) => [signal, seed] as const));

it.each(cases)(
  "random %s of seed %i come back equal, to their tenant alone",
  async (signal, seed) => {
    const telemetry = new RandomTelemetry(seededRandom(seed), startMs);
    const tenant = `${signal}-${seed}`;
    const wanted: string[] = [];
    for (let request = 0; request < 12; request++) {
      const batch = batchOf(signal, telemetry.request(signal), tenant);
      wanted.push(...itemsOf(signal, JSON.parse(bytesToOtlpJson(signal, batch.bytes)) as Entry));
      expect(await store.write(batch)).toEqual({ rejected: 0, reason: "" });
    }
    while ((await store.status()).pendingSegments > 0) await systemClock.sleep(20);
    expect(wanted.length).toBeGreaterThan(100);
    const got = await exported(signal, tenant);
    const known = new Set(got);
    const sent = new Set(wanted);
    // One of each, instead of hundreds of long lines.
    expect(
      got.find((item) => !sent.has(item)),
      "an item that was not sent",
    ).toBeUndefined();
    expect(
      wanted.find((item) => !known.has(item)),
      "an item that is missing",
    ).toBeUndefined();
    expect(got.length).toBe(wanted.length);
    expect(await exported(signal, "another")).toEqual([]);
  },
  60_000,
);
