import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClickHouseClient } from "../../client/client.ts";
import { defaultDatabase } from "../../client/address.ts";
import { takeDataDirectory } from "../../engine/data-directory.ts";
import { EngineSupervisor } from "../../engine/supervisor.ts";
import { migrate } from "../../schema/migrate.ts";
import type { TablePart } from "./parts.ts";
import { planDrops } from "./plan.ts";
import { Retention, type RetentionAction } from "./retention.ts";

const day = 86_400_000;
const now = 100 * day;

function part(name: string, ageDays: number, sizeBytes: number): TablePart {
  return { table: "t", name, rows: 1, sizeBytes, newestMs: now - ageDays * day };
}

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
    const drops = planDrops(parts, { maxAgeMs, maxBytes }, now);
    expect(drops.map(({ part: { name }, reason }) => `${name}: ${reason}`)).toEqual(wanted);
  });
});

describe("in the engine", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-retention-"));
  let engine: EngineSupervisor;
  let client: ClickHouseClient;

  beforeAll(async () => {
    engine = await EngineSupervisor.start({ directory: takeDataDirectory(folder) });
    client = new ClickHouseClient({
      address: { kind: "socket", path: engine.socketPath, database: defaultDatabase },
    });
    await migrate(client, { target: { kind: "single", database: defaultDatabase } });
  }, 60_000);

  afterAll(async () => {
    await client.close();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function spans(ageDays: number, count: number): Promise<void> {
    await client.command(
      `INSERT INTO otel_traces (Timestamp, TraceId, SpanName) SELECT now64(9) - toIntervalDay(${ageDays}), hex(rand64()), hex(rand64()) FROM numbers(${count})`,
      { what: "insert spans" },
    );
  }

  async function rowsOf(table: string): Promise<number> {
    return Number((await client.queryRows(`SELECT count() FROM ${table}`, { what: "count" })).rows[0]?.[0]);
  }

  it("drops what is too old in a table and those that views fill, tells and counts it", async () => {
    await spans(9, 5);
    await spans(1, 3);
    await client.command(
      "INSERT INTO otel_metric_series (MetricName, SeenDay, LastSeen) VALUES ('old', today() - 9, now64(3)), ('new', today() - 1, now64(3))",
      { what: "insert series" },
    );
    const told: RetentionAction[] = [];
    const retention = new Retention({
      client,
      maxAgeMs: 7 * day,
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

  it("keeps the newest within the size", async () => {
    await spans(3, 20_000);
    await spans(0, 20_000);
    const retention = new Retention({ client, maxAgeMs: 0, maxBytes: 1_200_000 });
    await retention.runOnce();
    const left = await client.queryRows(
      "SELECT countIf(Timestamp < now() - toIntervalDay(2)), countIf(Timestamp > now() - toIntervalHour(1)) FROM otel_traces",
      { what: "count" },
    );
    expect(left.rows[0]?.map(Number)).toEqual([0, 20_000]);
  });
});
