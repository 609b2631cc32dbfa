import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SegmentDirectory, type SegmentPlan } from "./segment-directory.ts";
import { parseSegmentFileName, segmentFileName, type Segment } from "./segment.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-segments-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = new TextEncoder().encode("a block of some rows");
const pieces = [bytes.subarray(0, 3), bytes.subarray(3, 3), bytes.subarray(3)];
const plan = (sequence: number, more: Partial<SegmentPlan> = {}): SegmentPlan => ({
  sequence,
  kind: "w",
  table: "otel_traces",
  schemaVersion: 1,
  rows: 5,
  token: sequence.toString(16).padStart(16, "0") + "0".repeat(16),
  ...more,
});

async function opened(): Promise<{
  directory: SegmentDirectory;
  segments: readonly Segment[];
  members: readonly number[][];
}> {
  const directory = new SegmentDirectory({ path: folder });
  const found = await directory.open();
  return {
    directory,
    segments: found.map(({ segment }) => segment),
    members: found.map((one) => one.members.map(({ sequence }) => sequence)),
  };
}

async function write(directory: SegmentDirectory, ...plans: SegmentPlan[]): Promise<readonly Segment[]> {
  const segments = await Promise.all(plans.map((one) => directory.prepare(one, pieces)));
  await directory.publish(segments);
  return segments;
}

describe("a file name", () => {
  it.each<Partial<SegmentPlan>>([
    {},
    { kind: "s" },
    { kind: "g", range: { from: 10, to: 300 } },
    { kind: "m", range: { from: 1, to: 2 } },
  ])("%o", (more) => {
    const segment = { ...plan(2641, more), sizeBytes: 20, checksum: 0xfedcba98 };
    expect(parseSegmentFileName(segmentFileName(segment))).toEqual(segment);
  });

  it.each(["x.native", "0000000000000001.m.t.1.1.1.00000000.".concat("0".repeat(32), ".native"), ""])(
    "not %s",
    (name) => {
      expect(parseSegmentFileName(name)).toBeUndefined();
    },
  );
});

describe("a directory", () => {
  it("gives back what was published, in order, byte for byte", async () => {
    const { directory } = await opened();
    const written = await write(directory, plan(3), plan(1), plan(2));
    expect(readFileSync(directory.filePath(written[0]!))).toEqual(Buffer.from(bytes));
    const again = await opened();
    expect(again.segments.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    for (const segment of again.segments) expect(await again.directory.verify(segment)).toBeUndefined();
  });

  it("forgets what was prepared and not published", async () => {
    const { directory } = await opened();
    await directory.prepare(plan(1), pieces);
    expect((await opened()).segments).toEqual([]);
    expect(readdirSync(folder)).toEqual(["aside"]);
  });

  it.each([1, 2])(
    "forgets a commit of which only %i of 3 segments were named, and no other",
    async (named) => {
      const { directory } = await opened();
      await write(directory, plan(1), plan(2));
      let left: number = named;
      const dying = new SegmentDirectory({
        path: folder,
        failpoint: (step) => {
          if (step === "named" && --left === 0) throw new Error("killed");
        },
      });
      const [commit, random] = ["c0ffee00".repeat(2), (sequence: number) => `${sequence}`.repeat(16)];
      const together = [3, 4, 5].map((sequence) => plan(sequence, { token: commit + random(sequence) }));
      await expect(write(dying, ...together)).rejects.toThrow("killed");
      expect(readdirSync(folder).filter((name) => name.includes(commit))).toHaveLength(3);
      expect((await opened()).segments.map(({ sequence }) => sequence)).toEqual([1, 2]);
      expect(readdirSync(folder).filter((name) => name.includes(commit))).toEqual([]);
    },
  );

  it.each([
    ["torn", (file: string) => truncateSync(file, 7), "it has 7 bytes where 20 were written"],
    ["longer", (file: string) => appendFileSync(file, "x"), "it has 21 bytes where 20 were written"],
    [
      "flipped",
      (file: string) => {
        const content = readFileSync(file);
        content[9]! ^= 1;
        writeFileSync(file, content);
      },
      "its checksum is wrong",
    ],
  ])("sees that a file is %s", async (_, harm, problem) => {
    const { directory } = await opened();
    const [segment] = await write(directory, plan(1));
    harm(directory.filePath(segment!));
    expect(await directory.verify(segment!)).toBe(problem);
  });

  it("sets aside with the reason, and still knows after a restart", async () => {
    const { directory } = await opened();
    const [segment] = await write(directory, plan(1));
    await directory.setAside(segment!, "for a test");
    const again = await opened();
    expect(again.segments).toEqual([]);
    expect(again.directory.setAsideFiles).toEqual([
      { file: path.join(folder, "aside", segmentFileName(segment!)), reason: "for a test" },
    ]);
  });

  it("sets aside a file whose name it cannot read", async () => {
    writeFileSync(path.join(folder, "holiday.native"), "x");
    const { directory, segments } = await opened();
    expect(segments).toEqual([]);
    expect(directory.setAsideFiles[0]?.reason).toBe("its name is not that of a segment");
  });

  it("finds the members of a group, no others, and removes a group that lacks members, because it was inserted", async () => {
    const { directory } = await opened();
    const written = await write(
      directory,
      plan(1, { kind: "s" }),
      plan(2, { kind: "s" }),
      plan(3, { kind: "s", table: "otel_logs" }),
      plan(4, { kind: "w" }),
      plan(5, { kind: "s" }),
      plan(6, { kind: "s" }),
    );
    const group = await directory.prepare(plan(7, { kind: "g", rows: 10, range: { from: 2, to: 5 } }), []);
    await directory.publish([group]);
    expect((await opened()).members).toEqual([[1], [3], [4], [6], [2, 5]]);
    await directory.remove({ segment: written[1]!, members: [written[1]!] });
    expect((await opened()).members).toEqual([[1], [3], [4], [6]]);
    expect(readdirSync(folder)).toHaveLength(1 + 4);
  });

  it("makes the members of a dissolved group segments by themselves", async () => {
    const { directory } = await opened();
    await write(directory, plan(1, { kind: "s" }), plan(2, { kind: "s" }));
    const group = await directory.prepare(plan(3, { kind: "g", rows: 10, range: { from: 1, to: 2 } }), []);
    await directory.publish([group]);
    await directory.dissolve(group);
    expect((await opened()).members).toEqual([[1], [2]]);
  });

  it("keeps a merged segment of an older version and drops the small ones that it replaces, no others", async () => {
    const { directory } = await opened();
    await write(
      directory,
      plan(1, { kind: "s" }),
      plan(2, { kind: "s" }),
      plan(3, { kind: "s", table: "otel_logs" }),
      plan(4, { kind: "w" }),
      plan(5, { kind: "s" }),
      plan(6, { kind: "s" }),
      plan(7, { kind: "m", range: { from: 2, to: 5 } }),
    );
    expect((await opened()).segments.map(({ sequence }) => sequence)).toEqual([1, 3, 4, 6, 7]);
  });

  it("keeps the small segments when the merged one is damaged, which it sets aside", async () => {
    const { directory } = await opened();
    const written = await write(
      directory,
      plan(1, { kind: "s" }),
      plan(2, { kind: "s" }),
      plan(3, { kind: "m", range: { from: 1, to: 2 } }),
    );
    truncateSync(directory.filePath(written[2]!), 7);
    const again = await opened();
    expect(again.segments.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(again.directory.setAsideFiles.map(({ reason }) => reason)).toEqual([
      "the file is damaged: it has 7 bytes where 20 were written; what it was merged from is still there",
    ]);
  });
});
