/** What only a queue on disk promises; what all queues do is in test/contracts/exporter-queue.test.ts. */
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
import { testSettings } from "../../../../../test/fakes/component-settings.ts";
import { testHost } from "../../../../../test/fakes/host.ts";
import { firstSpanName, spansNamed } from "../../../../../test/fakes/named-spans.ts";
import { systemClock } from "../../../../base/clock.ts";
import { OtelierError } from "../../../../base/error.ts";
import type { QueueStorage, StorageExtension } from "../../../component.ts";
import { defaultConfig } from "../../../settings/decode.ts";
import { queueOption, type QueueConfig } from "../../../settings/queue.ts";
import type { SendBatch } from "../queue.ts";
import { DiskQueue } from "./disk-queue.ts";
import type { Damage } from "./queue-files.ts";

let folder: string;
let damages: Damage[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-disk-queue-"));
  damages = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".queue"));
const forEver = (): Promise<void> => new Promise(() => {});

async function started(
  send: SendBatch,
  config: Partial<QueueConfig> = {},
  storage: Partial<QueueStorage> = {},
): Promise<DiskQueue> {
  const settings = testSettings("exporter", "otlp_http");
  const base = defaultConfig(queueOption);
  if (base === undefined) throw new Error("the queue is on by default");
  const extension: StorageExtension = {
    start: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    openQueue: () =>
      Promise.resolve({ path: folder, fsync: true, maxBytes: 0, release: () => undefined, ...storage }),
  };
  const queue = new DiskQueue({
    config: { ...base, num_consumers: 1, ...config, storage: { type: "file_storage", name: "" } },
    clock: systemClock,
    log: settings.log,
    signal: "traces",
    owner: "exporter_otlp_http",
    send,
    onDamage: (damage) => damages.push(damage),
  });
  await queue.start(testHost({ file_storage: extension }));
  return queue;
}

/** A queue that took these and was left as a killed process leaves it. */
async function killedWith(...names: readonly string[]): Promise<void> {
  const queue = await started(forEver);
  for (const name of names) await queue.offer(spansNamed([name]));
}

/** Sends what the disk holds, until the queue is empty; gives the names in order. */
async function sentAfterRestart(): Promise<string[]> {
  const sent: string[] = [];
  const queue = await started((batch) => {
    sent.push(firstSpanName(batch));
    return Promise.resolve();
  });
  while (queue.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await queue.drain();
  return sent;
}

describe("after a restart", () => {
  it("everything that was accepted is sent, in order, also what was under way; then nothing is left on disk", async () => {
    await killedWith("a", "b", "c");
    expect(await sentAfterRestart()).toEqual(["a", "b", "c"]);
    expect(files()).toEqual([]);
    expect(await sentAfterRestart()).toEqual([]);
  });

  it("what came together shares a file and still leaves one by one", async () => {
    const first = await started(forEver);
    await Promise.all(["a", "b", "c"].map((name) => first.offer(spansNamed([name]))));
    expect(files()).toHaveLength(1);
    expect(await sentAfterRestart()).toEqual(["a", "b", "c"]);
  });

  it.each(["requests", "items", "bytes"] as const)(
    "the bound in %s counts what is on disk",
    async (sizer) => {
      await killedWith("a", "b");
      const one = spansNamed(["a"]).sizeBytes;
      const queue = await started(forEver, { sizer, queue_size: sizer === "bytes" ? 2 * one : 2 });
      expect(queue.size).toBe(sizer === "bytes" ? 2 * one : 2);
      await expect(queue.offer(spansNamed(["c"]))).rejects.toMatchObject({ code: "queue-full" });
    },
  );

  it("a write that had not ended is no batch", async () => {
    await killedWith("a");
    writeFileSync(path.join(folder, "tmp-0000000000000009"), "half a");
    expect(await sentAfterRestart()).toEqual(["a"]);
    expect(damages).toEqual([]);
  });
});

describe("at the end", () => {
  it("what cannot be sent now stays for the next start", async () => {
    const down = new OtelierError("down", { code: "down", outcome: "retryable" });
    let fail: (error: Error) => void = () => undefined;
    const queue = await started(() => new Promise((_, reject) => (fail = reject)));
    await queue.offer(spansNamed(["a"]));
    await queue.offer(spansNamed(["b"]));
    const ended = queue.drain();
    fail(down);
    await ended;
    expect(await sentAfterRestart()).toEqual(["a", "b"]);
  });
});

describe("a file that the disk changed", () => {
  const flip = (at: (size: number) => number) => (file: string) => {
    const content = readFileSync(file);
    content[at(content.length)]! ^= 1;
    writeFileSync(file, content);
  };
  it.each<[string, (file: string) => void, string[], string]>([
    ["body of the last", flip((size) => size - 1), ["a", "b"], "the checksum of a batch is wrong"],
    ["body of the first", flip(() => 30), ["b", "c"], "the checksum of a batch is wrong"],
    ["head of the first", flip(() => 4), [], "none of its batches can be read"],
    [
      "torn",
      (file) => truncateSync(file, readFileSync(file).length - 3),
      ["a", "b"],
      "1 of 3 batches cannot be read",
    ],
    ["emptied", (file) => truncateSync(file, 0), [], "none of its batches can be read"],
  ])("%s: the damaged is set aside and told of, the rest is sent", async (_, harm, sent, reason) => {
    const first = await started(forEver);
    await Promise.all(["a", "b", "c"].map((name) => first.offer(spansNamed([name]))));
    const before = await started(forEver);
    await before.offer(spansNamed(["next file"]));
    harm(path.join(folder, files().toSorted()[0] ?? ""));
    expect(await sentAfterRestart()).toEqual([...sent, "next file"]);
    expect(damages.map((damage) => damage.reason)).toEqual([reason]);
    expect(readdirSync(path.join(folder, "aside"))).toHaveLength(2);
    expect(files()).toEqual([]);
  });

  it("longer than it was: what was written is sent", async () => {
    await killedWith("a");
    appendFileSync(path.join(folder, files()[0] ?? ""), "more");
    expect(await sentAfterRestart()).toEqual(["a"]);
  });

  it("a name that it cannot read is set aside", async () => {
    writeFileSync(path.join(folder, "holiday.queue"), "x");
    expect(await sentAfterRestart()).toEqual([]);
    expect(damages).toEqual([{ file: "holiday.queue", reason: "its name is not that of a queue's file" }]);
  });
});

it("takes nothing above max_size, and something again when it was sent", async () => {
  const answers: (() => void)[] = [];
  const queue = await started(() => new Promise((resolve) => answers.push(resolve)), {}, { maxBytes: 200 });
  await queue.offer(spansNamed(["a"]));
  await expect(queue.offer(spansNamed(["b".repeat(150)]))).rejects.toMatchObject({
    code: "queue-full",
    outcome: "retryable",
  });
  while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  answers[0]?.();
  while (files().length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await queue.offer(spansNamed(["c"]));
  expect(queue.size).toBe(1);
});

it("says so, retryable, when the disk does not take it", async () => {
  const queue = await started(forEver);
  rmSync(folder, { recursive: true });
  await expect(queue.offer(spansNamed(["a"]))).rejects.toMatchObject({
    code: "queue-write-failed",
    outcome: "retryable",
  });
  expect(queue.size).toBe(0);
});
