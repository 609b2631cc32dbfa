/** A store of its own, in a folder of its own, that holds spans of the benchmarks' corpus; for tests of readers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { generateTraces } from "../../bench/corpus.ts";
import { systemClock } from "../../src/base/clock.ts";
import { openStore, type ClickHouseStore } from "../../src/storage/clickhouse/store.ts";
import { Batch, internalContext } from "../../src/telemetry/batch.ts";

/** So many spans from a moment on. */
export interface CorpusPart {
  readonly seed: number;
  readonly spans: number;
  readonly startMs: number;
}

export interface CorpusStore {
  /** Within tests only. */
  readonly store: ClickHouseStore;
  readonly spanCount: number;
}

const spansPerRequest = 2000;

/** Opened and filled before the file's tests, closed and removed after them. All is inserted when the tests begin. */
export function corpusStore(parts: readonly CorpusPart[]): CorpusStore {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-corpus-"));
  let store: ClickHouseStore | undefined;
  let spanCount = 0;
  beforeAll(async () => {
    store = await openStore({ dataDirectory: folder });
    for (const { seed, spans, startMs } of parts) {
      const startUnixNano = BigInt(Math.round(startMs)) * 1_000_000n;
      for (const bytes of generateTraces({ seed, spans, spansPerRequest, startUnixNano })) {
        const batch = Batch.fromBytes("traces", bytes, internalContext);
        spanCount += batch.itemCount;
        await store.write(batch);
      }
    }
    while ((await store.status()).pendingSegments > 0) await systemClock.sleep(20);
  }, 120_000);
  afterAll(async () => {
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);
  return {
    get store() {
      if (store === undefined) throw new Error("the store is there within tests only");
      return store;
    },
    get spanCount() {
      return spanCount;
    },
  };
}
