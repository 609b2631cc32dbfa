import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { batchOf, context, logs, metrics, startMs, traces } from "../../../../test/contracts/store-corpus.ts";
import { systemClock } from "../../../base/clock.ts";
import type { ArchiveFile } from "../../../base/tar/tar.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import { openStore, type ClickHouseStore } from "../store.ts";
import { InsertGate } from "./insert-gate.ts";
import { manifestName } from "./manifest.ts";
import { restoreBackup } from "./restore.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-backup-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function record(id: number): Batch {
  const logRecords = [
    { timeUnixNano: String(BigInt(startMs) * 1_000_000n), body: { stringValue: `record ${id}` } },
  ];
  return batchOf("logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}

async function bodies(store: ClickHouseStore): Promise<readonly string[]> {
  while ((await store.status()).pendingSegments > 0) await systemClock.sleep(20);
  const answer = await store.client.queryRows(
    "SELECT Body FROM otel_logs WHERE Body LIKE 'record %' ORDER BY Body",
    { what: "read" },
  );
  return answer.rows.map((row) => String(row[0]));
}

async function* each(files: readonly ArchiveFile[]): AsyncGenerator<ArchiveFile> {
  yield* files;
}

function inMemory(name: string, text: string): ArchiveFile {
  return {
    path: name,
    sizeBytes: text.length,
    async *content() {
      yield Buffer.from(text);
    },
  };
}

describe("a backup", () => {
  it("taken under load holds all that was acknowledged before it, once", async () => {
    const store = await openStore({ dataDirectory: path.join(folder, "source") });
    const target = path.join(folder, "target");
    let stop = false;
    const acknowledged: number[] = [];
    try {
      for (const [signal, value] of [
        ["traces", traces],
        ["logs", logs],
        ["metrics", metrics],
      ] as const)
        await store.write(batchOf(signal, value));
      let next = 0;
      const senders = Array.from({ length: 8 }, async () => {
        while (!stop) {
          const id = next++;
          await store.write(record(id));
          acknowledged.push(id);
        }
      });
      // Some of it is in the tables, some waits in segments.
      const isInserted = async (): Promise<boolean> =>
        (await store.status()).tables.filter((one) => one.rows > 0).length > 8;
      while (acknowledged.length < 200 || !(await isInserted())) await systemClock.sleep(5);
      const before = [...acknowledged];
      const backup = await store.backup(context);
      while (acknowledged.length < before.length + 200) await systemClock.sleep(5);
      stop = true;
      await Promise.all(senders);
      const restored = await restoreBackup({ dataDirectory: target, files: each(backup.files) });
      expect(restored.parts).toBeGreaterThan(7);
      await backup.release();
      expect(
        readdirSync(path.join(folder, "source/db/shadow")).filter((name) => name.startsWith("otelier")),
      ).toEqual([]);
      const copy = await openStore({ dataDirectory: target });
      try {
        const found = await bodies(copy);
        expect(new Set(found).size).toBe(found.length);
        expect(before.filter((id) => !found.includes(`record ${id}`))).toEqual([]);
        expect(found.length).toBeLessThan(acknowledged.length);
        const { tables } = await copy.status();
        const rows = Object.fromEntries(tables.map((one) => [one.table, one.rows]));
        expect(rows).toMatchObject({ otel_traces: 5, otel_metric_samples: 9, otel_traces_trace_id_ts: 1 });
        // What was restored goes on living: telemetry comes in, views see it.
        await copy.write(record(1_000_000));
        expect(await bodies(copy)).toContain("record 1000000");
      } finally {
        await copy.close();
      }
    } finally {
      stop = true;
      await store.close();
    }
  });

  it.each([
    ["is none", [inMemory("something.txt", "else")], "backup-damaged", /otelier-backup.json" is missing/],
    [
      "is of a newer format",
      [inMemory(manifestName, '{"format":2}')],
      "backup-damaged",
      /not what this version knows/,
    ],
    [
      "has a newer schema",
      [inMemory(manifestName, '{"format":1,"migrations":[{"number":9999,"checksum":""}],"tables":{}}')],
      "schema-newer",
      /step 9999/,
    ],
    [
      "leads out of the directory",
      [
        inMemory(manifestName, '{"format":1,"migrations":[],"tables":{}}'),
        inMemory("parts/../../../outside", "x"),
      ],
      "backup-damaged",
      /outside/,
    ],
  ])("that %s is refused, and the directory is empty again", async (_, files, code, message) => {
    const target = path.join(folder, "refused");
    const refused = restoreBackup({ dataDirectory: target, files: each(files) });
    await expect(refused).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(readdirSync(target)).toEqual([]);
  });

  it("is not restored over anything", async () => {
    const refused = restoreBackup({ dataDirectory: folder, files: each([]) });
    await expect(refused).rejects.toMatchObject({ code: "directory-not-empty" });
  });
});

describe("the gate of inserts", () => {
  it("waits for those that run and holds others back", async () => {
    const gate = new InsertGate();
    const log: string[] = [];
    let finish = (): void => {};
    const segment = { token: "t" } as Parameters<ReturnType<InsertGate["guard"]>["insert"]>[0];
    const inserter = gate.guard({
      insert: async (_, files) => {
        log.push(`begin ${files.join(" ")}`);
        if (files.includes("/segments/a")) await new Promise<void>((resolve) => (finish = resolve));
      },
    });
    const first = inserter.insert(segment, ["/segments/a", "/segments/b"]);
    const held = gate.hold(async () => void log.push("held"));
    const second = inserter.insert(segment, ["/segments/c"]);
    expect(log).toEqual(["begin /segments/a /segments/b"]);
    expect(gate.hasInserted("a")).toBe(false);
    finish();
    await Promise.all([first, held, second]);
    expect(log).toEqual(["begin /segments/a /segments/b", "held", "begin /segments/c"]);
    for (const name of ["a", "b", "c"]) expect(gate.hasInserted(name)).toBe(true);
  });
});
