import { expect, it, vi } from "vitest";
import { engineScene } from "../../testdata/engine-scene.ts";
import { MergePace, type MergeState } from "./merge-pace.ts";

const what = "test";
const freshParts = 12;
const scene = engineScene();

/** Parts by how often their rows were merged. */
async function partsByLevel(): Promise<Readonly<Record<string, number>>> {
  const { rows } = await scene.client.queryRows(
    "SELECT toString(level), toUInt32(count()) FROM system.parts WHERE active AND database = 'otelier' AND table = 'otel_traces' GROUP BY level",
    { what },
  );
  return Object.fromEntries(rows.map(([level, parts]) => [String(level), Number(parts)]));
}

async function insert(parts: number): Promise<void> {
  for (let part = 0; part < parts; part++) {
    await scene.client.command("INSERT INTO otel_traces (Timestamp, SpanName) VALUES (now64(9), 'x')", {
      what,
    });
  }
}

async function ownSettings(): Promise<string> {
  const answer = await scene.client.query(
    "SELECT extract(create_table_query, 'merge.*$') AS Text FROM system.tables WHERE database = 'otelier' AND name = 'otel_traces'",
    { what },
  );
  return answer.strings("Text")[0] ?? "";
}

it("holds merges while much comes in, merges enough fresh parts at once, and leaves the engine to itself afterwards", async () => {
  let insertedRows = 0;
  const pace = new MergePace({ client: scene.client, insertedRows: () => insertedRows, freshParts });
  const look = async (rows: number): Promise<MergeState | undefined> => {
    insertedRows += rows;
    await pace.look();
    return pace.state;
  };
  // A look alone says nothing about what came in.
  expect(await look(1_000_000)).toBe("free");
  expect(await look(200_000)).toBe("held");
  await insert(freshParts - 1);
  expect(await look(200_000)).toBe("held");
  expect(await partsByLevel()).toEqual({ 0: freshParts - 1 });
  await insert(1);
  expect(await look(200_000)).toBe("released");
  // The next insert makes the engine look for merges, if it has not done so by itself.
  await insert(1);
  await vi.waitFor(async () => expect((await partsByLevel())["1"]).toBe(1), {
    timeout: 100_000,
    interval: 100,
  });
  expect(await look(200_000)).toBe("held");
  expect(await ownSettings()).not.toBe("");
  for (let quiet = 0; quiet < 5; quiet++) await look(0);
  expect(await look(0)).toBe("free");
  expect(await ownSettings()).toBe("");
});

it("leaves the engine to itself when spans of many days come in", async () => {
  let insertedRows = 0;
  const pace = new MergePace({ client: scene.client, insertedRows: () => insertedRows, mostParts: 30 });
  await pace.look();
  insertedRows += 200_000;
  await scene.client.command(
    "INSERT INTO otel_traces (Timestamp) SELECT now64(9) - toIntervalDay(number + 9) FROM numbers(30)",
    {
      what,
      settings: { max_partitions_per_insert_block: 0 },
    },
  );
  await pace.look();
  expect(pace.state).toBe("free");
});

it("takes back what a killed program has left", async () => {
  const killed = new MergePace({ client: scene.client, insertedRows: () => 0, freshParts });
  await killed.look();
  await scene.client.command(
    "ALTER TABLE otel_traces MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1",
    {
      what,
    },
  );
  const next = new MergePace({ client: scene.client, insertedRows: () => 0, freshParts });
  next.start();
  await expect.poll(() => next.state).toBe("free");
  expect(await ownSettings()).toBe("");
  await next.stop();
});
