/** What the writer promises and only the real engine can keep. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { OtelierError } from "../../../base/error.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { generateTraces } from "../../../../bench/corpus.ts";
import { migrate } from "../schema/migrate.ts";
import { migrations } from "../schema/migrations.ts";
import { keysBesideRowsSince, keysOfRows, keyStreams, tables } from "../schema/tables.ts";
import { engineScene } from "../testdata/engine-scene.ts";
import { clientInserter, type SegmentInserter } from "./insert/inserter.ts";
import { Block } from "./native/block.ts";
import { attributesColumn } from "./native/map-column.ts";
import { ClickHouseWriter } from "./writer.ts";

const scene = engineScene();

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
    client: scene.client,
    directory: path.join(scene.folder, name),
    schemaVersion,
    ...(inserter === undefined ? {} : { inserter }),
  });
}

async function count(where: string): Promise<number> {
  const answer = await scene.client.query(`SELECT count() AS Rows FROM otel_traces WHERE ${where}`, {
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
  const writer = await open("years-off", migrations.at(-1)!.number);
  expect(await writer.write(Batch.fromTree("traces", tree, internalContext))).toEqual({
    rejected: 0,
    reason: "",
  });
  await writer.drain();
  expect(writer.setAside).toEqual([]);
  expect(at).toBeGreaterThan(200n);
  expect(await count("SpanName = 'years off'")).toBe(Number(at));
  const partitions = await scene.client.query(
    "SELECT uniqExact(_partition_id) AS Partitions FROM otel_traces WHERE SpanName = 'years off'",
    { what: "count partitions" },
  );
  expect(partitions.numbers("Partitions").map(Number)).toEqual([Number(at)]);
  await writer.close();
});

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
  await migrate(scene.client, {
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
  const writer = await open("upgrade", newerVersion, clientInserter(scene.client, newer));
  await writer.drain();
  expect(writer.setAside).toEqual([]);
  expect((await count("LaterColumn = 'default'")) - before).toBe(batch.itemCount);
  await writer.close();
});

it("counts the attribute keys of segments that are older than their counts, as of all others, once", async () => {
  const away: SegmentInserter = {
    insert: () =>
      Promise.reject(new OtelierError("down", { code: "clickhouse-unreachable", outcome: "retryable" })),
  };
  const older = await open("older-keys", keysBesideRowsSince - 1, away);
  await older.write(batchOf(3, 60));
  await older.close(0);
  const folder = path.join(scene.folder, "older-keys");
  // That version wrote none of these.
  const beside = readdirSync(folder).filter((name) => name.includes(`.${keyStreams.traces}.`));
  expect(beside).toHaveLength(1);
  for (const name of beside) rmSync(path.join(folder, name));
  const inserter = clientInserter(scene.client, tables);
  const writer = await open("older-keys", migrations.at(-1)!.number, {
    insert: async (segment, files) => {
      await inserter.insert(segment, files);
      await inserter.insert(segment, files);
    },
  });
  await writer.write(batchOf(4, 30));
  await writer.drain();
  expect(writer.setAside).toEqual([]);
  await writer.close();
  const sums = async (source: string): Promise<unknown> =>
    (
      await scene.client.queryRows(
        `SELECT Tenant, Signal, Scope, Key, toString(sum(Count)) FROM ${source} GROUP BY ALL ORDER BY ALL`,
        { what: "read the catalogue" },
      )
    ).rows;
  const counted = await sums("otel_attribute_keys");
  expect(counted).not.toEqual([]);
  expect(counted).toEqual(await sums(`(${keysOfRows("otel_traces", "otel_traces")})`));
});

it("keeps resources that were text before their values had dictionaries, in the table and in segments", async () => {
  const what = "test";
  const target = { kind: "single", database: "before" } as const;
  const withText = migrations.filter(({ number }) => number < 4);
  await migrate(scene.client, { target, migrations: withText });
  for (const host of ["a", "b"]) {
    await scene.client.command(
      `INSERT INTO before.otel_traces (SpanName, ResourceAttributes, ScopeAttributes) VALUES ('${host}', {'host.name': '${host}', 'n': ''}, {'s': '${host}'})`,
      { what },
    );
  }
  const left = attributesColumn();
  left.keys.appendText("host.name");
  left.values.appendText("c");
  left.endRow();
  const file = path.join(scene.folder, "older.native");
  writeFileSync(file, Buffer.concat(new Block([{ name: "ResourceAttributes", column: left }]).chunks()));
  await migrate(scene.client, { target });
  await scene.client.command(
    `INSERT INTO before.otel_traces (ResourceAttributes) SELECT ResourceAttributes FROM file('${file}', Native)`,
    { what },
  );
  const answer = await scene.client.query(
    "SELECT toTypeName(ResourceAttributes) AS Type, toString(ResourceAttributes) AS Resource, ScopeAttributes['s'] AS Scope FROM before.otel_traces ORDER BY Resource",
    { what },
  );
  expect(new Set(answer.strings("Type"))).toEqual(
    new Set(["Map(LowCardinality(String), LowCardinality(String))"]),
  );
  expect(answer.strings("Resource")).toEqual([
    "{'host.name':'a','n':''}",
    "{'host.name':'b','n':''}",
    "{'host.name':'c'}",
  ]);
  expect(answer.strings("Scope")).toEqual(["a", "b", ""]);
});
