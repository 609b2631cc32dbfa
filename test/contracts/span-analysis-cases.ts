/** Rate, errors and durations by any field, comparison, structure, exceptions: what every store must answer for the corpus. */
import { expect, it } from "vitest";
import type { SpanField, SpanFilter } from "../../src/storage/traces.ts";
import type { Store } from "../../src/storage/store.ts";
import { context, startMs, traceId, window } from "./store-corpus.ts";

const all: SpanFilter = { window };

export function spanAnalysisCases(storeOf: () => Store): void {
  const groupings: readonly (readonly [string, SpanFilter, SpanField | undefined, unknown])[] = [
    ["nothing", all, undefined, [["", 5, 1]]],
    [
      "service",
      all,
      { field: "service" },
      [
        ["cart", 3, 1],
        ["storefront", 2, 0],
      ],
    ],
    [
      "kind",
      all,
      { field: "kind" },
      [
        ["Client", 2, 0],
        ["Server", 2, 1],
        ["Internal", 1, 0],
      ],
    ],
    [
      "status of calls",
      { ...all, spans: "entry" },
      { field: "status" },
      [
        ["Error", 1, 1],
        ["Unset", 1, 0],
      ],
    ],
    [
      "an attribute that few have",
      all,
      { key: "db.namespace" },
      [
        ["", 4, 1],
        ["shop", 1, 0],
      ],
    ],
    [
      "a resource attribute",
      all,
      { scope: "resource", key: "telemetry.sdk.language" },
      [
        ["python", 3, 1],
        ["nodejs", 2, 0],
      ],
    ],
    ["the name of roots", { ...all, spans: "root" }, { field: "name" }, [["GET /cart", 1, 0]]],
    [
      "the name of database calls",
      { ...all, spans: "database" },
      { field: "name" },
      [["SELECT items", 1, 0]],
    ],
    ["a key that is SQL", all, { key: "x'] OR 1=1 --" }, [["", 5, 1]]],
  ];
  it.each(groupings)("groups spans by %s", async (_, filter, by, wanted) => {
    const answer = await storeOf().spanGroups(filter, by, { steps: 6, limit: 10 }, context);
    expect(answer.groups.map((one) => [one.value, one.count, one.errorCount])).toEqual(wanted);
    expect(answer).toMatchObject({ startMs, stepMs: 600_000, omittedGroups: 0, omittedSpans: 0 });
    for (const group of answer.groups) {
      expect(group.countSeries).toEqual([group.count, 0, 0, 0, 0, 0]);
      expect(group.errorSeries[0]).toBe(group.errorCount);
      expect(group.p90Series.slice(1)).toEqual([null, null, null, null, null]);
    }
  });

  it("gives the durations of a group, and says how many groups are left out", async () => {
    const roots = await storeOf().spanGroups(
      { ...all, spans: "root" },
      undefined,
      { steps: 2, limit: 1 },
      context,
    );
    expect(roots.groups[0]).toMatchObject({
      p50Nano: 1e8,
      p90Nano: 1e8,
      p99Nano: 1e8,
      p90Series: [1e8, null],
    });
    const names = await storeOf().spanGroups(all, { field: "name" }, { steps: 1, limit: 2 }, context);
    expect(names.groups).toHaveLength(2);
    expect(names).toMatchObject({ omittedGroups: 3, omittedSpans: 3 });
  });

  it("draws durations over time", async () => {
    const map = await storeOf().durationHeatmap(all, 60, context);
    const rowOf = (ms: number): number => Math.floor(2 * Math.log2(ms * 1e6));
    expect(map).toEqual({
      startMs,
      stepMs: 60_000,
      steps: 60,
      step: [0, 0, 0, 0, 0],
      row: [5, 10, 40, 60, 100].map(rowOf),
      count: [1, 1, 1, 1, 1],
      errorCount: [0, 0, 1, 0, 0],
    });
  });

  it("ranks fields by how differently a selection has them", async () => {
    const answer = await storeOf().compareSpans(all, { status: "Error" }, context);
    expect(answer).toMatchObject({ selectionCount: 1, baselineCount: 4, selectionRead: 1, baselineRead: 4 });
    const [first, second] = answer.fields;
    expect(first).toMatchObject({ key: "name", difference: 1 });
    expect(first?.values[0]).toEqual({ value: "GET /items", selectionCount: 1, baselineCount: 0 });
    expect(second).toEqual({
      scope: "",
      key: "status",
      difference: 1,
      values: [
        { value: "Error", selectionCount: 1, baselineCount: 0 },
        { value: "Unset", selectionCount: 0, baselineCount: 4 },
      ],
      omittedValues: 0,
    });
    const slow = await storeOf().compareSpans(all, { minDurationNano: 50e6, endMs: startMs + 1005 }, context);
    expect([slow.selectionCount, slow.baselineCount]).toEqual([1, 4]);
    const none = await storeOf().compareSpans(all, { minDurationNano: 1e12 }, context);
    expect(none).toEqual({
      selectionCount: 0,
      baselineCount: 5,
      selectionRead: 0,
      baselineRead: 0,
      fields: [],
    });
  });

  it("merges the call trees of the traces that hold the spans", async () => {
    const answer = await storeOf().traceStructure({ ...all, status: "Error" }, context);
    expect(
      answer.paths.map((one) => [
        one.parent,
        one.service,
        one.name,
        one.spanCount,
        one.errorCount,
        one.selfNano,
      ]),
    ).toEqual([
      [-1, "storefront", "GET /cart", 1, 0, 40e6],
      [0, "storefront", "GET", 1, 0, 20e6],
      [1, "cart", "GET /items", 1, 1, 30e6],
      [2, "cart", "SELECT items", 1, 0, 10e6],
      [-1, "cart", "orphan", 1, 0, 5e6],
    ]);
    expect(answer).toMatchObject({ traceCount: 1, tracesRead: 1, spansRead: 5, omittedSpans: 0 });
    expect(answer.paths[2]).toMatchObject({
      kind: "Server",
      traceCount: 1,
      totalNano: 40e6,
      slowestTraceId: traceId,
      slowestSpanId: "2000000000000001",
    });
  });

  it("counts exceptions", async () => {
    const page = await storeOf().exceptions(all, 6, context);
    expect(page).toEqual({
      items: [
        {
          service: "cart",
          type: "KeyError",
          message: "no item #",
          count: 1,
          traceCount: 1,
          firstMs: startMs + 1020,
          lastMs: startMs + 1020,
          countSeries: [1, 0, 0, 0, 0, 0],
          exampleMessage: "no item 42",
          stacktrace: "",
          traceId,
          spanId: "2000000000000001",
        },
      ],
      truncated: false,
    });
    const none = await storeOf().exceptions({ ...all, service: "storefront" }, 6, context);
    expect(none.items).toEqual([]);
    expect(none.empty?.code).toBe("filtered-out");
  });

  it("lists the attributes that spans have", async () => {
    const page = await storeOf().spanFields({ ...all, service: "cart" }, context);
    expect(page.items.slice(0, 2)).toEqual([
      { scope: "resource", key: "service.instance.id", share: 1, example: "cart-1" },
      { scope: "resource", key: "service.name", share: 1, example: "cart" },
    ]);
    expect(page.items.at(-1)).toMatchObject({ scope: "span", key: "db.system.name", share: 1 / 3 });
    expect(page.truncated).toBe(false);
  });

  it("says why there is nothing to analyse", async () => {
    const store = storeOf();
    const nothing: SpanFilter = { window, operation: "no such name" };
    const answers = [
      await store.spanGroups(nothing, { field: "name" }, { steps: 1, limit: 1 }, context),
      await store.durationHeatmap(nothing, 1, context),
      await store.compareSpans(nothing, {}, context),
      await store.traceStructure(nothing, context),
      await store.spanFields(nothing, context),
    ];
    expect(answers.map(({ empty }) => empty?.code)).toEqual(Array.from({ length: 5 }, () => "filtered-out"));
  });

  it("lists found traces with fields of the matched span", async () => {
    const columns: SpanField[] = [
      { field: "kind" },
      { key: "db.namespace" },
      { scope: "resource", key: "service.version" },
    ];
    const page = await storeOf().searchTraces(
      { window, operation: "SELECT items", order: "newest", limit: 10, columns },
      context,
    );
    expect(page.items.map((one) => one.columnValues)).toEqual([["Client", "shop", "1.2.3"]]);
  });
}
