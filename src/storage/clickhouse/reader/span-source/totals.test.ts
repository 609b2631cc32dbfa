/** Totals answer as the spans themselves do, and the engine does read them. */
import { describe, expect, it } from "vitest";
import { internalContext } from "../../../../telemetry/batch.ts";
import { corpusStore } from "../../../../../test/contracts/corpus-store.ts";
import type { SpanFilter } from "../../../traces.ts";
import { ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { redAt, redQuery } from "./red.ts";
import { spanConditions } from "../query/span-conditions.ts";
import { select, sql } from "../sql/ast.ts";
import { printSelect } from "../sql/print.ts";
import { stepsOf } from "../query/steps.ts";
import { chooseSource } from "./choose-source.ts";
import { spanRows } from "./rows.ts";
import type { SpanQuestion, SpanSource } from "./span-source.ts";
import { spanTotals, totalsConditions } from "./totals.ts";

const hour = 3_600_000;
const startMs = 1_790_000_000_000;
/** On whole buckets, so that both count the same spans. */
const window = { startMs: startMs - hour, endMs: startMs + hour };
const context = { tenant: internalContext.tenant };

const corpus = corpusStore(
  [startMs - hour / 2, startMs, startMs + hour / 3].map((at) => ({ seed: at, spans: 20_000, startMs: at })),
);

const keySets: Readonly<Record<string, SpanQuestion["keys"]>> = {
  services: { Service: sql`ServiceName` },
  operations: { Service: sql`ServiceName`, Name: sql`SpanName`, Kind: sql`SpanKind` },
  "a field": { Value: sql`toString(StatusCode)` },
  "one group": { Value: sql`''` },
};
const filters: Readonly<Record<string, Partial<SpanFilter>>> = {
  "all spans": {},
  entries: { spans: "entry" },
  roots: { spans: "root" },
  servers: { spans: "server" },
  "a service": { service: "storefront" },
  failures: { status: "Error" },
};
const cases = Object.keys(keySets).flatMap((keys) => Object.keys(filters).map((filter) => [keys, filter]));

function sources(keys: string, filter: string, counted?: "entry"): { rows: SpanSource; totals: SpanSource } {
  const whole: SpanFilter = { window, ...filters[filter] };
  const question: SpanQuestion = {
    keys: keySets[keys] ?? {},
    steps: stepsOf(window, 60),
    ...(counted === undefined ? {} : { counted }),
  };
  const known = totalsConditions(whole);
  if (known === undefined) throw new Error("the totals do not know this filter");
  return {
    rows: spanRows(question, [ofTenant(context), ...spanConditions(whole)]),
    totals: spanTotals(question, [ofTenant(context), ...known]),
  };
}

async function answer(source: SpanSource): Promise<ReadonlyMap<string, ReturnType<typeof redAt>>> {
  const names = Object.keys(source.keys);
  const table = await read(corpus.store.client, redQuery(source), context, "test");
  const found = Array.from({ length: table.rows }, (_, row) => {
    const key = names.map((name) => table.strings(name)[row] ?? "").join("|");
    return [key, redAt(table, row, stepsOf(window, 60))] as const;
  });
  return new Map(found);
}

describe.each(cases)("%s of %s", (keys, filter) => {
  it.each([undefined, "entry"] as const)("counts the same (%s)", async (counted) => {
    const { rows, totals } = sources(keys, filter, counted);
    const [exact, rough] = await Promise.all([answer(rows), answer(totals)]);
    expect(exact.size).toBeGreaterThan(0);
    expect([...rough.keys()].toSorted()).toEqual([...exact.keys()].toSorted());
    for (const [key, red] of exact) {
      const other = rough.get(key);
      expect(other).toMatchObject({ count: red.count, errorCount: red.errorCount });
      expect(sum(other?.countSeries)).toBe(sum(red.countSeries));
    }
  });

  it("is read from the projection", async () => {
    const plan = await corpus.store.client.query(
      `EXPLAIN ${printSelect(redQuery(sources(keys, filter).totals).node)}`,
      {
        what: "explain",
      },
    );
    expect(plan.strings("explain").join("\n")).toContain("ReadFromMergeTree (span_totals)");
  });
});

it("gives percentiles within the width of a row", async () => {
  const { rows, totals } = sources("services", "all spans");
  const exact = select({
    Service: sql`toString(ServiceName)`,
    Exact: sql`arrayMap(one -> toFloat64(one), quantilesExact(0.5, 0.95, 0.99)(Duration))`,
  })
    .from("otel_traces")
    .where(...rows.where)
    .groupBy(sql`ServiceName`);
  const table = await read(corpus.store.client, exact, context, "test");
  const rough = await answer(totals);
  expect(table.rows).toBeGreaterThanOrEqual(5);
  table.strings("Service").forEach((service, row) => {
    const [p50 = 0, p95 = 0, p99 = 0] = table.numberLists("Exact")[row] ?? [];
    const red = rough.get(service);
    for (const [value, wanted] of [
      [red?.p50Nano, p50],
      [red?.p95Nano, p95],
      [red?.p99Nano, p99],
    ] as const) {
      expect((value ?? 0) / wanted).toBeGreaterThan(1 / 1.0445);
      expect((value ?? 0) / wanted).toBeLessThan(1.0445);
    }
  });
});

it("looks the value of a resource's attribute up in the index of values", async () => {
  await corpus.store.client.command("OPTIMIZE TABLE otel_traces FINAL", { what: "make the indexes" });
  const nowhere = { scope: "resource", key: "host.name", operator: "=", value: "nowhere" } as const;
  const query = select({ Spans: sql`count()` })
    .from("otel_traces")
    .where(ofTenant(context), ...spanConditions({ window, attributes: [nowhere] }));
  const plan = await corpus.store.client.query(`EXPLAIN indexes = 1 ${printSelect(query.node)}`, {
    what: "explain",
  });
  expect(plan.strings("explain").join("\n")).toContain("idx_res_attr_value");
});

describe("the choice", () => {
  const question = { keys: {}, steps: stepsOf(window, 60) };
  it.each([
    ["many spans, even steps", {}, 60, 1000, true],
    ["few spans", {}, 60, 1_000_000, false],
    ["steps finer than the totals", {}, 1000, 1000, false],
    ["an attribute", { attributes: [{ key: "a", operator: "exists", value: "" }] }, 60, 1000, false],
    ["a duration", { minDurationNano: 5 }, 60, 1000, false],
    ["words", { text: "a" }, 60, 1000, false],
    ["database calls", { spans: "database" }, 60, 1000, false],
  ] as const)("%s", async (_, filter, steps, few, areTotals) => {
    const asked = { ...question, steps: stepsOf(window, steps) };
    const source = await chooseSource(corpus.store.client, { window, ...filter }, asked, context, few);
    expect(typeof source.table !== "string").toBe(areTotals);
  });

  it("counts many spans once for all that ask the same a little later, and others anew", async () => {
    const { client } = corpus.store;
    let rounds = 0;
    const counting = new Proxy(client, {
      get: (target, name) => {
        if (name === "query") rounds++;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const later = { startMs: window.startMs + 1000, endMs: window.endMs + 1000 };
    const longer = { startMs: window.startMs, endMs: window.endMs + 1000 };
    const seen: number[] = [];
    for (const filter of [{ window }, { window: later }, { window: longer }, { window, service: "none" }]) {
      const source = await chooseSource(counting, filter, question, context, 1000);
      seen.push(rounds);
      expect(typeof source.table !== "string").toBe(filter.service === undefined);
    }
    expect(seen).toEqual([1, 1, 2, 3]);
  });
});

function sum(values: readonly number[] | undefined): number {
  return (values ?? []).reduce((total, one) => total + one, 0);
}
