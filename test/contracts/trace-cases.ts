/** Services, graph, trace search and traces: what every store must answer for the corpus. */
import { expect, it } from "vitest";
import type { Store } from "../../src/storage/store.ts";
import { batchOf, context, linkedTraces, releasedTraces, startMs, traceId, window } from "./store-corpus.ts";

export function traceCases(storeOf: () => Store): void {
  it("lists services of all signals with RED of their entry spans", async () => {
    const page = await storeOf().services(window, 60, context);
    expect(
      page.items.map((one) => [one.name, one.count, one.errorCount, one.spanCount, one.logCount]),
    ).toEqual([
      ["batch-job", 0, 0, 0, 1],
      ["cart", 1, 1, 3, 4],
      ["storefront", 1, 0, 2, 0],
    ]);
    const cart = page.items[1];
    expect(cart).toMatchObject({
      namespace: "shop",
      version: "1.2.3",
      language: "python",
      distro: "otelier",
      instances: 1,
    });
    expect(cart?.releases.map(({ version }) => version)).toEqual(["1.2.3"]);
    expect(cart?.p95Nano).toBe(40_000_000);
    expect(cart?.countSeries).toHaveLength(60);
    expect(cart?.countSeries[0]).toBe(1);
    expect(cart?.lastSeenMs).toBeGreaterThanOrEqual(startMs + 1050);
  });

  it("lists operations by calls", async () => {
    const page = await storeOf().operations(window, "cart", 10, context);
    expect(page.items.map((one) => [one.name, one.kind, one.count, one.errorCount])).toEqual([
      ["GET /items", "Server", 1, 1],
      ["SELECT items", "Client", 1, 0],
      ["orphan", "Internal", 1, 0],
    ]);
  });

  it("draws the service graph with databases", async () => {
    const graph = await storeOf().serviceGraph(window, context);
    const edges = graph.edges.map((one) => [
      one.client,
      one.server,
      one.serverKind,
      one.count,
      one.errorCount,
    ]);
    expect(edges.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ["cart", "postgresql/shop", "database", 1, 0],
      ["storefront", "cart", "service", 1, 1],
    ]);
  });

  const base = { window, order: "newest", limit: 10 } as const;
  const found: readonly (readonly [string, Parameters<Store["searchTraces"]>[0], string])[] = [
    ["everything", base, "2000000000000003"],
    ["service", { ...base, service: "storefront" }, "1000000000000002"],
    ["operation", { ...base, operation: "GET /items" }, "2000000000000001"],
    ["status", { ...base, status: "Error" }, "2000000000000001"],
    ["durations", { ...base, minDurationNano: 50_000_000, maxDurationNano: 70_000_000 }, "1000000000000002"],
    ["slowest first", { ...base, order: "slowest" }, "1000000000000001"],
    ["text in a status message", { ...base, text: "STOCK out" }, "2000000000000001"],
    ["text in an attribute", { ...base, text: "postgres" }, "2000000000000002"],
    [
      "attribute",
      { ...base, attributes: [{ key: "db.namespace", operator: "=", value: "shop" }] },
      "2000000000000002",
    ],
    [
      "scoped attribute",
      { ...base, attributes: [{ scope: "span", key: "big", operator: "=", value: "9007199254740993" }] },
      "1000000000000001",
    ],
    [
      "attribute differs",
      { ...base, attributes: [{ key: "db.namespace", operator: "!=", value: "x" }] },
      "2000000000000002",
    ],
    [
      "attribute contains",
      { ...base, attributes: [{ key: "http.route", operator: "contains", value: "CART" }] },
      "1000000000000001",
    ],
    [
      "attribute exists",
      { ...base, attributes: [{ scope: "span", key: "7", operator: "exists", value: "" }] },
      "1000000000000001",
    ],
    [
      "event attribute",
      { ...base, attributes: [{ scope: "event", key: "exception.type", operator: "=", value: "KeyError" }] },
      "2000000000000001",
    ],
    [
      "link attribute",
      { ...base, attributes: [{ scope: "link", key: "why", operator: "exists", value: "" }] },
      "2000000000000001",
    ],
    [
      "resource attribute",
      {
        ...base,
        operation: "orphan",
        attributes: [{ scope: "resource", key: "service.version", operator: "=", value: "1.2.3" }],
      },
      "2000000000000003",
    ],
  ];
  it.each(found)("finds a trace by %s", async (_, search, spanId) => {
    const page = await storeOf().searchTraces(search, context);
    expect(page.items.map((one) => one.matchedSpanId)).toEqual([spanId]);
    expect(page.items[0]).toMatchObject({
      traceId,
      rootService: "storefront",
      rootName: "GET /cart",
      rootMissing: false,
      spanCount: 5,
      errorCount: 1,
      durationNano: 100_000_000,
      services: [
        { name: "cart", spanCount: 3 },
        { name: "storefront", spanCount: 2 },
      ],
    });
  });

  const missed: readonly (readonly [string, Partial<Parameters<Store["searchTraces"]>[0]>, string])[] = [
    [
      "another window",
      { window: { startMs: startMs - 7_200_000, endMs: startMs - 3_600_000 } },
      "other-window",
    ],
    ["a service that is unknown", { service: "storefrnt" }, "unknown-service"],
    [
      "a filter that nothing fulfils",
      { attributes: [{ key: "db.namespace", operator: "=", value: "nope" }] },
      "filtered-out",
    ],
    ["SQL in a value", { service: "cart", text: "' OR 1=1 --" }, "filtered-out"],
    [
      "SQL in a key",
      { attributes: [{ key: "x'] OR 1=1 --", operator: "exists", value: "" }] },
      "filtered-out",
    ],
    ["a backslash at the end", { operation: "GET \\" }, "filtered-out"],
    [
      "a scope that spans lack",
      { attributes: [{ scope: "log", key: "item", operator: "exists", value: "" }] },
      "filtered-out",
    ],
  ];
  it.each(missed)("says why nothing was found: %s", async (_, change, code) => {
    const page = await storeOf().searchTraces({ ...base, ...change }, context);
    expect(page.items).toEqual([]);
    expect(page.empty?.code).toBe(code);
    if (code === "unknown-service") expect(page.empty?.suggestions).toEqual(["storefront"]);
    if (code === "other-window") expect(page.empty?.nearest?.startMs).toBe(startMs + 1000);
  });

  it("keeps tenants apart", async () => {
    const page = await storeOf().searchTraces(base, { tenant: "other" });
    expect(page.items).toEqual([]);
    expect((await storeOf().trace(traceId, { tenant: "other" })).empty?.code).toBe("nothing-arrived");
    expect((await storeOf().services(window, 1, { tenant: "other" })).items).toEqual([]);
  });

  it("gives a trace in preorder with its flags", async () => {
    const { trace } = await storeOf().trace(traceId, context);
    expect(trace).toMatchObject({
      traceId,
      startUnixNano: String(BigInt(startMs + 1000) * 1_000_000n),
      durationNano: 100_000_000,
      spanIds: [
        "1000000000000001",
        "1000000000000002",
        "2000000000000001",
        "2000000000000002",
        "2000000000000003",
      ],
      parents: [-1, 0, 1, 2, -1],
      kind: [2, 3, 2, 3, 1],
      status: [0, 0, 2, 0, 0],
      flags: [0, 0, 2 | 4 | 8, 0, 1],
      omitted: 0,
    });
    expect(trace?.starts[3]).toBe(25_000_000);
    expect(trace?.service.map((code) => trace.services[code])).toEqual([
      "storefront",
      "storefront",
      "cart",
      "cart",
      "cart",
    ]);
    expect((await storeOf().trace("00000000000000000000000000000001", context)).empty?.code).toBe(
      "filtered-out",
    );
  });

  it("gives spans with values, types and order as sent", async () => {
    const spans = await storeOf().spans(traceId, ["2000000000000001", "nope", "1000000000000001"], context);
    expect(spans.map((one) => one.spanId)).toEqual(["2000000000000001", "1000000000000001"]);
    expect(spans[1]?.attributes).toEqual([
      { key: "http.route", value: "/cart/:id", type: "string" },
      { key: "retry", value: "true", type: "bool" },
      { key: "big", value: "9007199254740993", type: "int" },
      { key: "ratio", value: "0.5", type: "double" },
      { key: "raw", value: "AQID", type: "bytes" },
      { key: "list", value: '[1,"two"]', type: "array" },
      { key: "nothing", value: "", type: "empty" },
      { key: "7", value: "numeric key", type: "string" },
    ]);
    expect(spans[0]).toMatchObject({
      parentSpanId: "1000000000000002",
      kind: "Server",
      status: "Error",
      statusMessage: "out of stock",
      durationNano: 40_000_000,
      scopeName: "flask",
      events: [
        {
          name: "exception",
          attributes: [
            { key: "exception.type", value: "KeyError", type: "string" },
            { key: "exception.message", value: "no item 42", type: "string" },
          ],
        },
      ],
      links: [
        {
          traceId: "ffffffffffffffffffffffffffffffff",
          spanId: "eeeeeeeeeeeeeeee",
          attributes: [{ key: "why", value: "retry", type: "string" }],
        },
      ],
    });
  });

  it("gives one field of all spans of a trace", async () => {
    const services = await storeOf().traceField(traceId, { field: "service" }, context);
    expect(services.values).toEqual(["cart", "storefront"]);
    const byId = new Map(services.spanIds.map((id, i) => [id, services.values[services.value[i] ?? -1]]));
    expect(byId.get("2000000000000003")).toBe("cart");
    expect(byId.size).toBe(5);
    const few = await storeOf().traceField(traceId, { key: "db.namespace" }, context);
    expect(few).toEqual({ values: ["shop"], spanIds: ["2000000000000002"], value: [0] });
    const none = await storeOf().traceField("0".repeat(32), { field: "name" }, context);
    expect(none.values).toEqual([]);
  });
}

/** Writes traces of a tenant of its own: to be run after what counts all that is stored. */
export function linkCases(storeOf: () => Store): void {
  it("finds the spans of other traces that link to a trace", async () => {
    const linked = "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0";
    const page = await storeOf().linkingSpans(linked, context);
    expect(page).toEqual({ items: [], truncated: false });
    const store = storeOf();
    await store.write(batchOf("traces", linkedTraces(linked), "links"));
    await expect
      .poll(async () => (await store.linkingSpans(linked, { tenant: "links" })).items)
      .toMatchObject([
        { spanId: "3000000000000002", service: "mailer", name: "send", linkedSpanId: "3000000000000001" },
      ]);
  });

  it("tells since when which version of a service runs", async () => {
    const store = storeOf();
    await store.write(batchOf("traces", releasedTraces(), "releases"));
    const releases = async (): Promise<unknown> => {
      const page = await store.services(window, 10, { tenant: "releases" });
      return page.items.map((one) => one.releases);
    };
    await expect.poll(releases).toEqual([
      [
        { version: "1.9.0", firstMs: startMs + 1000 },
        { version: "1.10.0", firstMs: startMs + 2000 },
      ],
    ]);
  });
}
