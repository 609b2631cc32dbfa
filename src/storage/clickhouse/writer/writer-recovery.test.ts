/** What becomes of what was written: inserts that fail, damage, and crashes at every step. */
import { truncateSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../../base/clock.ts";
import type { SegmentStep } from "./segments/segment-directory.ts";
import {
  FakeEngine,
  batch,
  open,
  outage,
  refusal,
  segments,
  useWriters,
  writerFolder,
} from "./testdata/writer-scene.ts";

useWriters();

describe("an insert", () => {
  it("is tried again until the engine is back", async () => {
    const engine = new FakeEngine();
    let failures = 3;
    engine.fail = () => (failures-- > 0 ? outage : undefined);
    const writer = await open(engine);
    const { batch: one, ids } = batch(1);
    await writer.write(one);
    await writer.drain();
    expect(engine.rows).toEqual(ids);
  });

  it("that is refused for good is set aside with its reason and stands in nobody's way", async () => {
    const engine = new FakeEngine();
    engine.fail = () => refusal;
    const reports: string[] = [];
    const writer = await open(engine, { report: (event) => reports.push(event.kind) });
    await writer.write(batch(1).batch);
    await writer.drain();
    const aside = (table: string): unknown => ({
      file: expect.stringMatching(new RegExp(`/aside/.*\\.${table}\\.`)),
      reason: "no such column",
    });
    expect(writer.setAside.toSorted((a, b) => (a.file < b.file ? -1 : 1))).toEqual([
      aside("otel_traces"),
      aside("otel_traces_resources"),
      aside("otel_attribute_keys_traces"),
    ]);
    expect(writer.counts.setAsideRows).toBe(20);
    expect(reports).toEqual(["set-aside", "set-aside", "set-aside"]);
    engine.fail = undefined;
    const { batch: other, ids } = batch(2);
    await writer.write(other);
    await writer.drain();
    expect(engine.rows).toEqual(ids);
  });
});

describe("a start", () => {
  it("inserts what an earlier run left, and sets a torn segment aside", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const two = batch(2);
    for (const { batch: one } of [batch(1), two]) {
      const writer = await open(engine);
      await writer.write(one);
      await writer.close(0);
    }
    const [torn] = segments().toSorted();
    truncateSync(path.join(writerFolder(), torn!), 100);
    engine.fail = undefined;
    const second = await open(engine);
    await second.drain();
    expect(engine.rows).toEqual(two.ids);
    expect(second.setAside[0]?.reason).toMatch(
      /^the file is damaged: it has 100 bytes where \d+ were written$/,
    );
  });

  it("dissolves a group with a damaged segment, sets that aside and inserts the others", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const all = [1, 2, 3].map((seed) => batch(seed));
    // None leaves by itself, however slow the writes are.
    const clock: Clock = {
      ...systemClock,
      schedule: (delayMs, run) => systemClock.schedule(delayMs < 300 ? delayMs : 60_000, run),
    };
    const writer = await open(engine, { clock });
    for (const { batch: one } of all) await writer.write(one);
    // The rows leave together, in a group, which the engine does not take yet.
    void writer.drain();
    const ofSpans = (): readonly string[] => segments().filter((name) => name.includes(".otel_traces."));
    await expect.poll(ofSpans).toHaveLength(4);
    await writer.close(0);
    truncateSync(path.join(writerFolder(), ofSpans().toSorted()[1]!), 100);
    engine.fail = undefined;
    const second = await open(engine);
    await second.drain();
    expect(engine.rows).toEqual([...all[0]!.ids, ...all[2]!.ids]);
    expect(second.counts).toMatchObject({ insertedRows: 40, setAsideRows: 20 });
    expect(segments()).toEqual([]);
  });

  const steps: readonly SegmentStep[] = ["written", "named", "renamed", "directory-synced", "before-remove"];
  it.each(steps.flatMap((step) => [1, 2, 3, 4, 6, 8, 9].map((nth) => [step, nth] as const)))(
    "after a crash at %s, time %i, loses nothing that was answered and doubles nothing",
    async (step, nth) => {
      const engine = new FakeEngine();
      let left: number = nth;
      let crashed = false;
      // From the crash on nothing reaches the disk or the engine any more.
      const first = await open(engine, {
        failpoint: (at) => {
          if (at === step && --left === 0) crashed = true;
          if (crashed) throw new Error("crashed");
        },
      });
      engine.fail = () => (crashed ? outage : undefined);
      const answered: string[] = [];
      const sent: string[] = [];
      for (let seed = 0; seed < 6 && !crashed; seed++) {
        const { batch: one, ids } = batch(seed);
        sent.push(...ids);
        await first.write(one).then(
          () => answered.push(...ids),
          () => {},
        );
        if (seed % 2 === 1) await new Promise((resolve) => setTimeout(resolve, 350));
      }
      await first.close(0);
      engine.fail = undefined;
      const second = await open(engine);
      await second.drain();
      const rows = new Set(engine.rows);
      expect(rows.size).toBe(engine.rows.length);
      expect(answered.filter((id) => !rows.has(id))).toEqual([]);
      expect(engine.rows.filter((id) => !sent.includes(id))).toEqual([]);
      expect(segments()).toEqual([]);
    },
  );
});
