/** What the writer promises and only the real engine can keep. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OtelierError } from "../../../base/error.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { generateTraces } from "../../../../bench/corpus.ts";
import { ClickHouseClient } from "../client/client.ts";
import { takeDataDirectory, type DataDirectory } from "../engine/data-directory.ts";
import { EngineSupervisor } from "../engine/supervisor.ts";
import { migrate } from "../schema/migrate.ts";
import { migrations } from "../schema/migrations.ts";
import { tables } from "../schema/tables.ts";
import { clientInserter, type SegmentInserter } from "./insert/inserter.ts";
import { ClickHouseWriter } from "./writer.ts";

const root = mkdtempSync(path.join(tmpdir(), "otelier-in-engine-"));
let directory: DataDirectory;
let engine: EngineSupervisor;
let client: ClickHouseClient;

beforeAll(async () => {
  directory = takeDataDirectory(path.join(root, "data"));
  engine = await EngineSupervisor.start({ directory });
  client = new ClickHouseClient({
    address: { kind: "socket", path: engine.socketPath, database: "otelier" },
  });
  await migrate(client, { target: { kind: "single", database: "otelier" } });
}, 60_000);

afterAll(async () => {
  await client.close();
  await engine.stop();
  directory.release();
  rmSync(root, { recursive: true, force: true });
}, 30_000);

const day = 86_400_000_000_000n;

function batchOf(seed: number, spans: number): Batch {
  const [bytes] = generateTraces({
    seed,
    spans: spans * 40,
    spansPerRequest: spans,
    startUnixNano: 1_790_000_000_000_000_000n,
  });
  return Batch.fromBytes("traces", bytes ?? new Uint8Array(), internalContext);
}

function open(name: string, schemaVersion: number, inserter?: SegmentInserter): Promise<ClickHouseWriter> {
  return ClickHouseWriter.open({
    client,
    directory: path.join(root, name),
    schemaVersion,
    ...(inserter === undefined ? {} : { inserter }),
  });
}

async function count(where: string): Promise<number> {
  const answer = await client.query(`SELECT count() AS Rows FROM otel_traces WHERE ${where}`, {
    what: "count",
  });
  return answer.numbers("Rows").map(Number)[0] ?? 0;
}

it("stores a request of a sender whose times go over hundreds of days, in hundreds of partitions, at once", async () => {
  const tree = batchOf(1, 300).traces();
  let at = 0n;
  for (const { scopeSpans } of tree.resourceSpans) {
    for (const { spans } of scopeSpans) {
      for (const span of spans) {
        span.startTimeUnixNano = 1_000_000_000_000_000_000n + at++ * day;
        span.endTimeUnixNano = span.startTimeUnixNano + 1n;
        span.name = "years off";
      }
    }
  }
  const writer = await open("years-off", 1);
  expect(await writer.write(Batch.fromTree("traces", tree, internalContext))).toEqual({
    rejected: 0,
    reason: "",
  });
  await writer.drain();
  expect(writer.setAside).toEqual([]);
  expect(at).toBeGreaterThan(200n);
  expect(await count("SpanName = 'years off'")).toBe(Number(at));
  const partitions = await client.query(
    "SELECT uniqExact(_partition_id) AS Partitions FROM otel_traces WHERE SpanName = 'years off'",
    { what: "count partitions" },
  );
  expect(partitions.numbers("Partitions").map(Number)).toEqual([Number(at)]);
  await writer.close();
}, 60_000);

it("inserts segments that an older version left after the schema was upgraded; new columns take their defaults", async () => {
  const away: SegmentInserter = {
    insert: () =>
      Promise.reject(new OtelierError("down", { code: "clickhouse-unreachable", outcome: "retryable" })),
  };
  const olderVersion = migrations.at(-1)!.number;
  const newerVersion = olderVersion + 1;
  const older = await open("upgrade", olderVersion, away);
  const batch = batchOf(2, 40);
  await older.write(batch);
  await older.close(0);
  const before = await count("1");
  const upgrade = {
    number: newerVersion,
    name: "a later column",
    statements: () => [
      "ALTER TABLE otelier.otel_traces ADD COLUMN IF NOT EXISTS LaterColumn String DEFAULT 'default'",
    ],
  };
  await migrate(client, {
    target: { kind: "single", database: "otelier" },
    migrations: [...migrations, upgrade],
  });
  const newer = tables.map((table) =>
    table.name === "otel_traces"
      ? {
          ...table,
          columns: [...table.columns, { name: "LaterColumn", type: "String", since: newerVersion }],
        }
      : table,
  );
  const writer = await open("upgrade", newerVersion, clientInserter(client, newer));
  await writer.drain();
  expect(writer.setAside).toEqual([]);
  expect((await count("LaterColumn = 'default'")) - before).toBe(batch.itemCount);
  await writer.close();
}, 60_000);
