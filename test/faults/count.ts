import { openStore, type ClickHouseStore } from "../../src/storage/clickhouse/store.ts";
import type { Signal } from "../../src/telemetry/signal.ts";

export interface Count {
  readonly answered: number;
  /** Answered and not there. */
  readonly lost: number;
  /** There more than once, answered or not. */
  readonly doubled: number;
  /** Sent without an answer and there: allowed. */
  readonly unanswered: number;
  /** Reasons of what was set aside. */
  readonly setAside: readonly string[];
}

const idsOf: Readonly<Record<Signal, string>> = {
  traces: "SELECT SpanId AS Id, count() AS Times FROM otel_traces GROUP BY Id",
  logs: "SELECT LogAttributes['work.id'] AS Id, count() AS Times FROM otel_logs GROUP BY Id",
  metrics: "SELECT toString(toInt64(Value)) AS Id, count() AS Times FROM otel_metric_samples GROUP BY Id",
};

/** Compares what was answered with what is stored, in a directory that nobody uses: opens it, waits until all is inserted, asks by SQL. */
export async function countStored(
  folder: string,
  answeredBy: Readonly<Record<Signal, readonly string[]>>,
): Promise<Count> {
  const store = await openStore({ dataDirectory: folder });
  try {
    while ((await store.status()).pendingSegments > 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const total = { answered: 0, lost: 0, doubled: 0, unanswered: 0 };
    for (const signal of ["traces", "metrics", "logs"] as const) {
      const there = await storedIds(store, signal);
      const answered = new Set(answeredBy[signal]);
      total.answered += answered.size;
      for (const id of answered) if (!there.has(id)) total.lost++;
      for (const [id, times] of there) {
        if (times > 1) total.doubled++;
        if (!answered.has(id)) total.unanswered++;
      }
    }
    const setAside = (await store.status()).setAside.map(({ reason }) => reason);
    // Items and the count of their keys are files of their own: either may be the damaged one.
    if (setAside.length === 0) await checkKeys(store);
    return { ...total, setAside };
  } finally {
    await store.close();
  }
}

async function storedIds(store: ClickHouseStore, signal: Signal): Promise<ReadonlyMap<string, number>> {
  const answer = await store.client.query(idsOf[signal], { what: "count items", timeoutMs: 120_000 });
  const times = answer.numbers("Times").map(Number);
  return new Map(answer.strings("Id").map((id, at) => [id, times[at] ?? 0]));
}

/** The keys that were counted beside the items must agree with these, or an insert into their table was lost or happened twice. */
async function checkKeys(store: ClickHouseStore): Promise<void> {
  const answer = await store.client.query(
    `SELECT (SELECT sum(Count) FROM otel_attribute_keys WHERE Key = 'work.id') AS Counted,
      (SELECT count() FROM otel_traces) + (SELECT count() FROM otel_logs) AS Stored`,
    { what: "compare counts" },
  );
  const [counted] = answer.numbers("Counted").map(Number);
  const [stored] = answer.numbers("Stored").map(Number);
  if (counted !== stored) throw new Error(`the attribute catalogue counts ${counted} of ${stored} items`);
}
