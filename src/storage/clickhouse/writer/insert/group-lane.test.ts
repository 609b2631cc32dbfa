import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../../../../../test/fakes/manual-clock.ts";
import { seededRandom } from "../../../../base/random.ts";
import { SegmentDirectory } from "../segments/segment-directory.ts";
import { newToken } from "../segments/segment.ts";
import { TableInserts } from "../table-inserts.ts";

const table = "otel_metric_samples";
const random = seededRandom(1);
let folder: string;
let clock: ManualClock;
let inserts: TableInserts;
/** Rows of each insert, in order. */
let inserted: number[];
let addRows: (rows: number) => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-groups-"));
  clock = createManualClock();
  inserted = [];
  const directory = new SegmentDirectory({ path: folder });
  await directory.open();
  let sequence = 0;
  const nextSequence = (): number => ++sequence;
  inserts = new TableInserts({
    table,
    directory,
    schemaVersion: 1,
    nextSequence,
    clock,
    random,
    concurrency: 1,
    longestWaitMs: 300,
    inserter: { insert: ({ rows }) => Promise.resolve(void inserted.push(rows)) },
    onInserted: () => {},
    onSetAside: (_, reason) => expect.fail(reason),
  });
  addRows = async (rows) => {
    const plan = { kind: "s", table, schemaVersion: 1, rows, sequence: nextSequence() } as const;
    const segment = await directory.prepare({ ...plan, token: newToken(random) }, [Buffer.from("rows")]);
    await directory.publish([segment]);
    inserts.add(segment);
  };
});

afterEach(async () => {
  await inserts.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves when so much is inserted and nothing of it is left on disk. */
async function insertedAre(rows: readonly number[]): Promise<void> {
  await expect.poll(() => inserted).toEqual(rows);
  await expect.poll(() => inserts.pendingSegments).toBe(0);
}

it("inserts together what comes within the wait of the first", async () => {
  await addRows(1);
  await clock.advance(200);
  await addRows(2);
  await clock.advance(99);
  expect(inserted).toEqual([]);
  await clock.advance(1);
  await insertedAre([3]);
  await addRows(4);
  await clock.advance(300);
  await insertedAre([3, 4]);
});
