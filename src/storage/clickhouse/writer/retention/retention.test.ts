import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { engineScene } from "../../testdata/engine-scene.ts";
import { keysOfRows, tables } from "../../schema/tables.ts";
import { readParts, type TablePart } from "./parts.ts";
import { readEdges } from "./read-edges.ts";
import { forecastDrops } from "./forecast.ts";
import { KeptDays } from "./kept-days.ts";
import { planRetention } from "./plan.ts";
import { Retention, type RetentionAction } from "./retention.ts";

const day = 86_400_000;
const tableNames = tables.map((table) => table.name);
const now = 100 * day;

function part(name: string, ageDays: number, sizeBytes: number): TablePart {
  const newestMs = now - ageDays * day;
  const isoDay = new Date(newestMs).toISOString().slice(0, 10);
  return {
    table: "otel_traces",
    name,
    day: isoDay,
    rows: 1,
    sizeBytes,
    oldestMs: newestMs - 1000,
    newestMs,
    isExact: true,
  };
}

const ages = (ms: number) => ({ traces: ms, metrics: ms, logs: ms });

describe("what is dropped", () => {
  const parts = [part("a", 9, 100), part("b", 8, 100), part("c", 3, 100), part("d", 1, 100)];
  it.each([
    ["nothing without limits", 0, 0, []],
    ["by age", 7 * day, 0, ["a: older than 7d", "b: older than 7d"]],
    ["nothing that fits", 0, 400, []],
    [
      "the oldest by size, a little more than needed",
      0,
      300,
      ["a", "b"].map((name) => `${name}: the oldest, because all tables took 400 B of 300 B`),
    ],
    ["by size only what age has left", 7 * day, 250, ["a: older than 7d", "b: older than 7d"]],
  ])("%s", (_, maxAgeMs, maxBytes, wanted) => {
    const { drops, trims } = planRetention(parts, { maxAgeMs: ages(maxAgeMs), maxBytes }, now);
    expect(trims).toEqual([]);
    expect(drops.map(({ part: { name }, reason }) => `${name}: ${reason}`)).toEqual(wanted);
  });
});

describe("a part that is large against the limit", () => {
  const large = { ...part("l", 0, 900), rows: 9000, oldestMs: now - 10 * day };
  // Ten slices of 90 bytes, each a day.
  const edges = new Map([[large, [9, 8, 7, 6, 5, 4, 3, 2, 1].map((age) => now - age * day)]]);
  const inSlice = part("s", 8.5, 10);
  it.each([
    ["loses its oldest slice", [large], 900, [["l", now - 9 * day + 1]]],
    ["and as many as are needed", [large], 700, [["l", now - 7 * day + 1]]],
    ["small parts of that time go whole", [inSlice, large], 800, [["s"], ["l", now - 8 * day + 1]]],
    ["what is younger than the cut stays", [part("y", 0.5, 10), large], 890, [["l", now - 9 * day + 1]]],
  ])("%s", (_, parts, maxBytes, wanted) => {
    const limits = { maxAgeMs: ages(0), maxBytes: maxBytes - 1 };
    const { drops, trims } = planRetention(parts, limits, now, undefined, edges);
    expect([
      ...drops.map((one) => [one.part.name]),
      ...trims.map((one) => [one.part.name, one.beforeMs]),
    ]).toEqual(wanted);
  });

  it("is foretold with what goes of it", () => {
    const { upcoming } = forecastDrops([large], { maxAgeMs: ages(0), maxBytes: 900 }, now, undefined, edges);
    expect(upcoming).toMatchObject([
      { reason: "size", rows: 900, bytesOnDisk: 90, newestMs: now - 9 * day, dueMs: now },
    ]);
  });
});

describe("what is dropped, signal by signal", () => {
  const logs = { ...part("l", 3, 100), table: "otel_logs" };
  const shared = { ...part("k", 3, 100), table: "otel_attribute_keys" };
  it.each([
    ["its own age", { ...ages(7 * day), logs: 2 * day }, ["l"]],
    ["what all use lives as long as the longest", ages(2 * day), ["l", "k"]],
    ["for ever, when one signal is kept so", { ...ages(2 * day), metrics: 0 }, ["l"]],
  ])("%s", (_, maxAgeMs, wanted) => {
    const { drops } = planRetention([logs, shared], { maxAgeMs, maxBytes: 0 }, now);
    expect(drops.map((drop) => drop.part.name)).toEqual(wanted);
  });

  const tenants = { acme: { ...ages(30 * day), logs: day }, "o'hara": ages(2 * day) };
  it.each([
    ["a part goes when it is too old for everybody", "otel_logs", 31, ["drop older than 7d"]],
    [
      "or is trimmed of the rows of those for whom it is",
      "otel_traces",
      9,
      [
        "trim older than 7d: Tenant != 'acme' AND Tenant != 'o\\'hara'",
        "trim older than 2d, of tenant o'hara: Tenant = 'o\\'hara'",
      ],
    ],
    [
      "signal by signal",
      "otel_logs",
      3,
      [
        "trim older than 1d, of tenant acme: Tenant = 'acme'",
        "trim older than 2d, of tenant o'hara: Tenant = 'o\\'hara'",
      ],
    ],
    ["what all use lives as long as the longest of a tenant", "otel_attribute_keys", 1.5, []],
  ])("tenants with ages of their own: %s", (_, table, ageDays, wanted) => {
    const one = { ...part("p", ageDays, 100), table };
    const { drops, trims } = planRetention([one], { maxAgeMs: ages(7 * day), tenants, maxBytes: 0 }, now);
    expect([
      ...drops.map(({ reason }) => `drop ${reason}`),
      ...trims.map(({ reason, owners = "" }) => `trim ${reason}: ${owners}`),
    ]).toEqual(wanted);
  });

  it("a day that was imported for keeping is spared until it is over", () => {
    const old = part("a", 9, 100);
    const plan = (untilMs: number) =>
      planRetention([old], { maxAgeMs: ages(7 * day), maxBytes: 0 }, now, (name) =>
        name === old.day ? untilMs : undefined,
      ).drops.length;
    expect([plan(now + 1), plan(now)]).toEqual([0, 1]);
  });

  it("a part that mixes old rows with young ones is trimmed once they are a quarter over", () => {
    const mixed = (overHours: number) => ({
      ...part("m", 0, 100),
      oldestMs: now - (4 + overHours) * 3_600_000,
    });
    const limits = { maxAgeMs: ages(4 * 3_600_000), maxBytes: 0 };
    expect(planRetention([mixed(0.9)], limits, now).trims).toEqual([]);
    expect(planRetention([mixed(1.1)], limits, now)).toMatchObject({
      drops: [],
      trims: [{ beforeMs: now - 4 * 3_600_000 }],
    });
  });
});

describe("what is about to be dropped", () => {
  const parts = [part("a", 6.5, 100), part("b", 3, 100), part("c", 0, 100)];
  it.each([
    ["nothing without limits", 0, 0, []],
    ["by age within a day", 7 * day, 0, [["age", 1, now + day / 2]]],
    // 300 bytes in 6.5 days and a second; 100 more fill the limit.
    ["by size when the growth fills it", 0, 400, [["size", 1, "in 2.2 days"]]],
    ["by size at once when it is full", 0, 300, [["size", 1, now]]],
    [
      "both, soonest first",
      7 * day,
      400,
      [
        ["age", 1, now + day / 2],
        ["size", 1, "in 2.2 days"],
      ],
    ],
  ])("%s", (_, maxAgeMs, maxBytes, wanted) => {
    const { upcoming } = forecastDrops(parts, { maxAgeMs: ages(maxAgeMs), maxBytes }, now);
    const shown = upcoming.map(({ reason, parts: count, dueMs }) => [
      reason,
      count,
      reason === "size" && dueMs > now ? `in ${((dueMs - now) / day).toFixed(1)} days` : dueMs,
    ]);
    expect(shown).toEqual(wanted);
  });
});

describe("kept days", () => {
  it("are there again after a restart, until they are over", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "otelier-kept-"));
    await new KeptDays(folder).keep(["1970-01-02", "1970-01-01"], 5000, 0);
    const again = new KeptDays(folder);
    expect(again.untilOf("1970-01-02")).toBe(5000);
    expect(again.list(4999).map((one) => one.day)).toEqual(["1970-01-01", "1970-01-02"]);
    expect(again.list(5000)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe("in the engine", { timeout: 120_000 }, () => {
  const scene = engineScene();

  async function spans(ageDays: number, count: number): Promise<void> {
    await scene.client.command(
      `INSERT INTO otel_traces (Timestamp, TraceId, SpanName) SELECT now64(9) - toIntervalDay(${ageDays}), hex(rand64()), hex(rand64()) FROM numbers(${count})`,
      { what: "insert spans" },
    );
  }

  async function rowsOf(table: string): Promise<number> {
    return Number(
      (await scene.client.queryRows(`SELECT count() FROM ${table}`, { what: "count" })).rows[0]?.[0],
    );
  }

  it("drops what is too old in a table and those that views fill, tells and counts it", async () => {
    await spans(9, 5);
    await spans(1, 3);
    await scene.client.command(
      "INSERT INTO otel_metric_series (MetricName, SeenDay, LastSeen) VALUES ('old', today() - 9, now64(3)), ('new', today() - 1, now64(3))",
      { what: "insert series" },
    );
    const told: RetentionAction[] = [];
    const retention = new Retention({
      client: scene.client,
      maxAgeMs: ages(7 * day),
      maxBytes: 0,
      report: (action) => told.push(action),
    });
    const actions = await retention.runOnce();
    expect(told).toEqual(actions);
    const dropped = Object.fromEntries(actions.map(({ table, rows }) => [table, rows]));
    expect(dropped).toMatchObject({ otel_traces: 5, otel_traces_trace_id_ts: 5, otel_metric_series: 1 });
    expect(new Set(actions.map(({ reason }) => reason))).toEqual(new Set(["older than 7d"]));
    expect(await rowsOf("otel_traces")).toBe(3);
    expect(await rowsOf("otel_metric_series")).toBe(1);
    expect(retention.droppedRows).toBe(actions.reduce((sum, { rows }) => sum + rows, 0));
    expect(await retention.runOnce()).toEqual([]);
  });

  it("drops rows that are too old from a part that holds young ones too", async () => {
    await scene.client.command(
      "INSERT INTO otel_logs (Timestamp, Body) SELECT now64(9) - toIntervalMinute(number * 10), 'x' FROM numbers(30)",
      { what: "insert logs" },
    );
    const retention = new Retention({
      client: scene.client,
      maxAgeMs: { ...ages(0), logs: 3_600_000 },
      maxBytes: 0,
    });
    const actions = await retention.runOnce();
    expect(actions.every(({ table, reason }) => table === "otel_logs" && reason === "older than 1h")).toBe(
      true,
    );
    expect(await rowsOf("otel_logs")).toBeGreaterThanOrEqual(6);
    expect(await rowsOf("otel_logs")).toBeLessThanOrEqual(7);
    expect(actions.reduce((sum, { rows }) => sum + rows, 0)).toBe(30 - (await rowsOf("otel_logs")));
  });

  async function empty(): Promise<void> {
    for (const table of ["otel_traces", "otel_traces_trace_id_ts", "otel_attribute_keys"])
      await scene.client.command(`TRUNCATE TABLE ${table}`, { what: "empty a table" });
  }

  /** As the transcoders do beside the spans. */
  async function countKeys(): Promise<void> {
    await scene.client.command(
      `INSERT INTO otel_attribute_keys (Tenant, Signal, Scope, Key, Hour, Count) ${keysOfRows("otel_traces", "otel_traces")}`,
      { what: "count attribute keys" },
    );
  }

  it("drops the rows of each tenant at its own age, and those that are made of them", async () => {
    await empty();
    await scene.client.command(
      `INSERT INTO otel_traces (Timestamp, Tenant, TraceId, SpanAttributes)
       SELECT now64(9) - toIntervalDay(day), tenant, hex(cityHash64(day, tenant)), map('key', 'x')
       FROM (SELECT arrayJoin([0, 3, 5, 9]) AS day, arrayJoin(['', 'acme', 'brief']) AS tenant)`,
      { what: "insert spans" },
    );
    await countKeys();
    const left = async (table: string, time: string): Promise<unknown> => {
      const answer = await scene.client.queryRows(
        `SELECT Tenant, arraySort(groupArray(toInt32(dateDiff('day', toDate(${time}), today())))) FROM ${table} GROUP BY Tenant`,
        { what: "read what is left" },
      );
      return Object.fromEntries(answer.rows.map(([tenant, days]) => [String(tenant), days]));
    };
    const retention = new Retention({
      client: scene.client,
      maxAgeMs: ages(4 * day),
      tenants: { acme: { ...ages(0), metrics: day }, brief: ages(2 * day) },
      maxBytes: 0,
    });
    const actions = await retention.runOnce();
    const wanted = { "": [0, 3], acme: [0, 3, 5, 9], brief: [0] };
    expect(await left("otel_traces", "Timestamp")).toEqual(wanted);
    expect(await left("otel_traces_trace_id_ts", "Start")).toEqual(wanted);
    expect(await left("otel_attribute_keys", "Hour")).toEqual(wanted);
    const told = actions.filter(({ table }) => table === "otel_traces");
    expect(Object.fromEntries(told.map(({ reason, rows }) => [reason, rows]))).toEqual({
      "older than 4d": 2,
      "older than 2d, of tenant brief": 3,
    });
    // Nothing is due any more, so nothing is rewritten again and again.
    expect(await retention.runOnce()).toEqual([]);
    await empty();
  });

  it("keeps the newest within the size", async () => {
    await spans(3, 20_000);
    await spans(0, 20_000);
    const retention = new Retention({ client: scene.client, maxAgeMs: ages(0), maxBytes: 1_200_000 });
    await retention.runOnce();
    const left = await scene.client.queryRows(
      "SELECT countIf(Timestamp < now() - toIntervalDay(2)), countIf(Timestamp > now() - toIntervalHour(1)) FROM otel_traces",
      { what: "count" },
    );
    const [old, young] = left.rows[0]?.map(Number) ?? [];
    expect(old).toBeLessThan(20_000);
    expect(young).toBe(20_000);
  });

  it("cuts one large part by time, as was said before", async () => {
    await scene.client.command("TRUNCATE TABLE otel_logs", { what: "empty the logs" });
    // Most rows are old: the time that divides the bytes is not the middle of the times.
    await scene.client.command(
      "INSERT INTO otel_logs (Timestamp, Body) SELECT toDateTime64(toStartOfDay(now()), 9) - toIntervalSecond(3600 - if(number < 18000, number % 60, 60 + number % 3000)), hex(cityHash64(number)) FROM numbers(20_000)",
      { what: "insert logs" },
    );
    const logs = (await readParts(scene.client, ["otel_logs"]))[0];
    if (logs === undefined) throw new Error("no part");
    const others = (await readParts(scene.client, tableNames)).filter(({ table }) => table !== "otel_logs");
    for (const other of new Set(others.map(({ table }) => table)))
      await scene.client.command(`TRUNCATE TABLE ${other}`, { what: "empty a table" });
    const limits = { maxAgeMs: ages(0), maxBytes: Math.floor(logs.sizeBytes * 0.9) };
    const parts = await readParts(scene.client, tableNames);
    const edges = await readEdges(scene.client, parts, limits);
    const { upcoming } = forecastDrops(parts, limits, Date.now(), undefined, edges);
    const actions = await new Retention({ client: scene.client, ...limits }).runOnce();
    const foretold = upcoming.find(({ table }) => table === "otel_logs");
    const done = actions.find(({ table }) => table === "otel_logs");
    // About 14.5 % have to go, give or take a slice and the rows of one second.
    expect(done?.rows).toBeGreaterThan(2000);
    expect(done?.rows).toBeLessThan(4500);
    expect(Math.abs((foretold?.rows ?? 0) - (done?.rows ?? 0))).toBeLessThan(1000);
    expect(done?.bytes).toBeLessThan(logs.sizeBytes / 4);
    expect(await rowsOf("otel_logs")).toBe(20_000 - (done?.rows ?? 0));
    const oldest = await scene.client.queryRows(
      `SELECT min(toUnixTimestamp64Milli(Timestamp)) > ${foretold?.newestMs ?? 0} FROM otel_logs`,
      { what: "read the oldest" },
    );
    expect(Number(oldest.rows[0]?.[0])).toBe(1);
  });

  it("stays within the size while telemetry keeps coming, and never drops the newest", async () => {
    const maxBytes = 1_500_000;
    const retention = new Retention({ client: scene.client, maxAgeMs: ages(0), maxBytes, intervalMs: 50 });
    retention.start();
    try {
      for (let round = 0; round < 8; round++) await spans(0, 10_000);
    } finally {
      await retention.stop();
    }
    const size = async (): Promise<number> =>
      (await readParts(scene.client, tableNames)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    // A merge may have taken a part from under the last round.
    while ((await size()) > maxBytes) await retention.runOnce();
    expect(await rowsOf("otel_traces")).toBeGreaterThan(0);
    expect(retention.droppedRows).toBeGreaterThan(20_000);
  });

  it("trims what is made of the spans along with them", async () => {
    await scene.client.command(
      "INSERT INTO otel_traces (Timestamp, TraceId, SpanAttributes) SELECT now64(9) - toIntervalMinute(number * 10), hex(number), map('trimmed', 'x') FROM numbers(30)",
      { what: "insert spans" },
    );
    await countKeys();
    const retention = new Retention({ client: scene.client, maxAgeMs: ages(3_600_000), maxBytes: 0 });
    await retention.runOnce();
    const old = await scene.client.queryRows(
      "SELECT (SELECT count() FROM otel_traces WHERE Timestamp < now() - 3700), (SELECT count() FROM otel_traces_trace_id_ts WHERE Start < now() - 3700), (SELECT count() FROM otel_attribute_keys WHERE Key = 'trimmed' AND Hour < now() - 3600 * 2.5)",
      { what: "count" },
    );
    expect(old.rows[0]?.map(Number)).toEqual([0, 0, 0]);
    expect(await rowsOf("otel_traces")).toBeGreaterThanOrEqual(6);
  });
});
