/** Log search and volume: what every store must answer for the corpus. */
import { expect, it } from "vitest";
import type { Store } from "../../src/storage/store.ts";
import { context, traceId, window } from "./store-corpus.ts";

export function logCases(storeOf: () => Store): void {
  it.each([
    ["words of the body in any case", { text: "stock ITEM" }, 1],
    ["a word with punctuation", { text: "user-42" }, 1],
    ["a trace", { traceId }, 1],
    ["severity", { minSeverity: 10 }, 2],
    ["service", { service: "batch-job" }, 1],
    ["attribute", { attributes: [{ key: "item", operator: "=", value: "42" }] }, 1],
    ["all", {}, 5],
  ] as const)("finds logs by %s", async (_, change, count) => {
    const page = await storeOf().searchLogs({ window, order: "newest", limit: 10, ...change }, context);
    expect(page.items).toHaveLength(count);
    expect(page.truncated).toBe(false);
  });

  it("gives log records as sent", async () => {
    const page = await storeOf().searchLogs({ traceId, order: "newest", limit: 10 }, context);
    expect(page.items[0]).toMatchObject({
      service: "cart",
      severityNumber: 17,
      severityText: "ERROR",
      body: "Item user-42 OUT of stock",
      bodyType: "string",
      spanId: "2000000000000001",
      traceFlags: 1,
      scopeName: "shop.cart",
      scopeVersion: "3",
      attributes: [
        { key: "item", value: "42", type: "string" },
        { key: "count", value: "3", type: "int" },
      ],
    });
  });

  it("pages through logs of one nanosecond without loss or repetition", async () => {
    const seen: string[] = [];
    let after: { timeUnixNano: string; skip: number } | undefined;
    for (;;) {
      const page = await storeOf().searchLogs(
        { window, order: "newest", limit: 1, ...(after === undefined ? {} : { after }) },
        context,
      );
      const item = page.items[0];
      if (item === undefined) break;
      seen.push(item.body);
      const skip = after?.timeUnixNano === item.timeUnixNano ? after.skip + 1 : 1;
      after = { timeUnixNano: item.timeUnixNano, skip };
      if (!page.truncated) break;
    }
    expect(seen.toSorted()).toEqual(
      ["Item user-42 OUT of stock", "ready", "slow", "tock", '{"a":"b"}'].toSorted(),
    );
  });

  it("counts logs by severity class", async () => {
    const volume = await storeOf().logVolume({ window, order: "newest", limit: 1 }, 6, context);
    const sums = volume.classes.map((one) => [one.severity, one.counts[0]]);
    expect(sums).toEqual([
      ["unspecified", 1],
      ["trace", 0],
      ["debug", 0],
      ["info", 2],
      ["warn", 1],
      ["error", 1],
      ["fatal", 0],
    ]);
    expect(volume.classes[0]?.counts).toHaveLength(6);
  });

  it("clusters similar bodies with true counts", async () => {
    const { patterns, total } = await storeOf().logPatterns({ window, order: "newest", limit: 1 }, context);
    expect(total).toBe(5);
    expect(patterns.map(({ template, count }) => [template, count])).toEqual([
      ["Item <*> OUT of stock", 1],
      ["ready", 1],
      ["slow", 1],
      ["tock", 1],
      ['{"a":"b"}', 1],
    ]);
    expect(patterns[0]).toEqual({
      template: "Item <*> OUT of stock",
      count: 1,
      severities: [0, 0, 0, 0, 0, 1, 0],
      services: ["cart"],
      example: "Item user-42 OUT of stock",
      firstMs: window.startMs + 1031,
      lastMs: window.startMs + 1031,
    });
  });

  it("lists the fields of the records found, with their values", async () => {
    const { fields, records, truncated } = await storeOf().logFields(
      { window, service: "cart", order: "newest", limit: 1 },
      context,
    );
    expect([records, truncated]).toEqual([4, false]);
    const named = new Map(fields.map((field) => [`${field.scope}.${field.key}`, field]));
    expect(named.get("log.item")).toEqual({
      scope: "log",
      key: "item",
      count: 1,
      distinct: 1,
      values: [{ value: "42", count: 1 }],
    });
    expect(named.get("resource.service.version")).toMatchObject({
      count: 4,
      distinct: 1,
      values: [{ value: "1.2.3", count: 4 }],
    });
  });
}
