/** What every store gives out and takes back: export, import into a fresh one, equal answers. */
import { expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import type { Store } from "../../src/storage/store.ts";
import type { ExportQuery } from "../../src/storage/transfer.ts";
import { otlpJsonToBytes } from "../../src/telemetry/json/parse.ts";
import { signals } from "../../src/telemetry/signal.ts";
import { countItems } from "../../src/telemetry/wire/count-items.ts";
import { context, startMs, traceId, window } from "./store-corpus.ts";

/** Copies what matches into another store; gives the rows that were planned and that arrived. */
async function copyStore(from: Store, to: Store, query: ExportQuery): Promise<readonly [number, number]> {
  const pieces = await from.exportPieces(query, context);
  expect(new Set(pieces.map(({ name }) => name)).size).toBe(pieces.length);
  let arrived = 0;
  for (const piece of pieces) {
    const bytes = await from.exportPiece(query, piece, context);
    const result = await to.importPiece(bytes, { format: query.format, keep: false }, context);
    expect(result).toMatchObject({ rejected: 0, reason: "" });
    arrived += result.rows;
  }
  return [pieces.reduce((sum, { rows }) => sum + rows, 0), arrived];
}

async function readBack(store: Store): Promise<unknown> {
  const spanIds = [
    "1000000000000001",
    "1000000000000002",
    "2000000000000001",
    "2000000000000002",
    "2000000000000003",
  ];
  return {
    services: (await store.services(window, 4, context)).items,
    trace: await store.trace(traceId, context),
    spans: await store.spans(traceId, spanIds, context),
    logs: await store.searchLogs({ window, order: "oldest", limit: 100 }, context),
    metrics: (await store.metrics(window, undefined, context)).items,
    gauge: await store.metricSeries(
      { metric: "queue", window, stepMs: 60_000, function: "sum", groupBy: "http.route", limit: 10 },
      context,
    ),
  };
}

export function transferCases(store: () => Store, fresh: () => Promise<Store>): void {
  it("gives all of it as OTLP/JSON, and takes it back equal", async () => {
    const other = await fresh();
    try {
      expect(await copyStore(store(), other, { format: "otlp-json", signals })).toEqual([24, 24]);
      const wanted = await readBack(store());
      for (let attempt = 0; attempt < 100; attempt++) {
        if (JSON.stringify(await readBack(other)) === JSON.stringify(wanted)) break;
        await systemClock.sleep(50);
      }
      expect(await readBack(other)).toEqual(wanted);
    } finally {
      await other.close();
    }
  }, 60_000);

  it.each([
    ["a signal", { signals: ["logs"] as const }, [["logs", 5]]],
    [
      "a service",
      { signals, service: "cart" },
      [
        ["logs", 4],
        ["metrics", 14],
        ["traces", 3],
      ],
    ],
    [
      "a window",
      { signals, window: { startMs: startMs + 1020, endMs: startMs + 2000 } },
      [
        ["logs", 1],
        ["traces", 3],
      ],
    ],
    ["nothing", { signals, service: "nobody" }, []],
  ])("gives of %s only what is asked for", async (_, asked, wanted) => {
    const query: ExportQuery = { format: "otlp-json", ...asked };
    const counts = new Map<string, number>();
    for (const piece of await store().exportPieces(query, context)) {
      const lines = Buffer.from(await store().exportPiece(query, piece, context))
        .toString()
        .trim()
        .split("\n");
      let items = 0;
      for (const line of lines) {
        const parsed = otlpJsonToBytes(piece.signal, Buffer.from(line));
        if (parsed.ok) items += countItems(piece.signal, parsed.bytes);
      }
      expect(items).toBe(piece.rows);
      counts.set(piece.signal, (counts.get(piece.signal) ?? 0) + items);
    }
    const shown = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
    expect(shown).toEqual(wanted);
  });

  it.each([
    ["text", "hello\n", /line 1 is no OTLP\/JSON request: it begins with "hello"/],
    [
      "a cut line",
      '{"resourceSpans":[]}\n{"resourceLogs":[{"scopeLogs":',
      /line 2 .*end of the text at column/,
    ],
  ])("refuses %s and says where", async (_, content, message) => {
    const refused = store().importPiece(Buffer.from(content), { format: "otlp-json", keep: false }, context);
    await expect(refused).rejects.toMatchObject({
      code: "import-unreadable",
      message: expect.stringMatching(message) as string,
    });
  });
}
