/** What every queue of an exporter promises, in memory and on disk. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { OtelierError } from "../../src/base/error.ts";
import { createFileStorage } from "../../src/components/extensions/file_storage/file-storage.ts";
import { fileStorageConfig } from "../../src/components/extensions/file_storage/config.ts";
import type { StorageExtension } from "../../src/pipeline/component.ts";
import { DiskQueue } from "../../src/pipeline/exporter/queue/disk/disk-queue.ts";
import { MemoryQueue } from "../../src/pipeline/exporter/queue/memory-queue.ts";
import type { ExporterQueue, SendBatch } from "../../src/pipeline/exporter/queue/queue.ts";
import { defaultConfig } from "../../src/pipeline/settings/decode.ts";
import { queueOption, type QueueConfig } from "../../src/pipeline/settings/queue.ts";
import type { Batch } from "../../src/telemetry/batch.ts";
import { testSettings } from "../fakes/component-settings.ts";
import { testHost } from "../fakes/host.ts";
import { spansNamed, firstSpanName } from "../fakes/named-spans.ts";

let folder: string;
let queues: ExporterQueue[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-queue-"));
  queues = [];
});
afterEach(async () => {
  await Promise.all(queues.map((queue) => queue.drain()));
  rmSync(folder, { recursive: true, force: true });
});

type Make = (config: Partial<QueueConfig>, send: SendBatch) => Promise<ExporterQueue>;

const base = (): QueueConfig => {
  const config = defaultConfig(queueOption);
  if (config === undefined) throw new Error("the queue is on by default");
  return config;
};

const makers: Readonly<Record<string, Make>> = {
  memory: async (config, send) => {
    const queue = new MemoryQueue({ config: { ...base(), ...config }, clock: systemClock, send });
    await queue.start();
    queues.push(queue);
    return queue;
  },
  disk: async (config, send) => {
    const settings = testSettings("extension", "file_storage");
    const extension: StorageExtension = createFileStorage(settings, {
      ...defaultConfig(fileStorageConfig),
      directory: folder,
    });
    const queue = new DiskQueue({
      config: { ...base(), ...config, storage: settings.id },
      clock: systemClock,
      log: settings.log,
      signal: "traces",
      owner: "exporter_test",
      send,
      onDamage: ({ reason }) => {
        throw new Error(reason);
      },
    });
    await queue.start(testHost({ file_storage: extension }));
    queues.push(queue);
    return queue;
  },
};

/** Sends that the test answers: `answer` settles the oldest one under way. */
class Sends {
  readonly begun: string[] = [];
  private readonly open: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  readonly send = (batch: Batch): Promise<void> => {
    this.begun.push(firstSpanName(batch));
    return new Promise((resolve, reject) => this.open.push({ resolve, reject }));
  };

  async answer(count: number, error?: Error): Promise<void> {
    for (let at = 0; at < count; at++) {
      await until(() => this.open.length > 0);
      const one = this.open.shift();
      if (error === undefined) one?.resolve();
      else one?.reject(error);
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe.each(Object.entries(makers))("a queue in %s", (_, make) => {
  it("sends everything once, in order with one consumer", async () => {
    const sends = new Sends();
    const queue = await make({ num_consumers: 1 }, sends.send);
    const names = Array.from({ length: 30 }, (__, at) => `s${at}`);
    for (const name of names) await queue.offer(spansNamed([name]));
    await sends.answer(names.length);
    await until(() => queue.size === 0);
    expect(sends.begun).toEqual(names);
  });

  it("sends by as many consumers as asked for, and no more", async () => {
    const sends = new Sends();
    const queue = await make({ num_consumers: 3 }, sends.send);
    for (const name of ["a", "b", "c", "d"]) await queue.offer(spansNamed([name]));
    await until(() => sends.begun.length === 3);
    expect(queue.size).toBe(4);
    await sends.answer(1);
    await until(() => sends.begun.length === 4);
    await sends.answer(3);
    await until(() => queue.size === 0);
  });

  it("refuses, retryable, what has no room, and takes it when there is", async () => {
    const sends = new Sends();
    const queue = await make({ num_consumers: 1, queue_size: 2 }, sends.send);
    await queue.offer(spansNamed(["a"]));
    await queue.offer(spansNamed(["b"]));
    await expect(queue.offer(spansNamed(["c"]))).rejects.toMatchObject({
      code: "queue-full",
      outcome: "retryable",
    });
    await sends.answer(1);
    await until(() => queue.size === 1);
    await queue.offer(spansNamed(["c"]));
    await sends.answer(2);
    await until(() => queue.size === 0);
    expect(sends.begun).toEqual(["a", "b", "c"]);
  });

  it("waits for room when block_on_overflow is on", async () => {
    const sends = new Sends();
    const queue = await make({ num_consumers: 1, queue_size: 1, block_on_overflow: true }, sends.send);
    await queue.offer(spansNamed(["a"]));
    const waiting = queue.offer(spansNamed(["b"]));
    await sends.answer(1);
    await waiting;
    await sends.answer(1);
    await until(() => queue.size === 0);
  });

  it.each([
    ["requests", 1],
    ["items", 3],
    ["bytes", spansNamed(["a", "b", "c"]).sizeBytes],
  ] as const)("counts %s", async (sizer, size) => {
    const sends = new Sends();
    const queue = await make({ sizer, queue_size: 10_000 }, sends.send);
    await queue.offer(spansNamed(["a", "b", "c"]));
    expect(queue.size).toBe(size);
    await sends.answer(1);
    await until(() => queue.size === 0);
  });

  it("refuses what alone is larger than the queue", async () => {
    const queue = await make({ sizer: "items", queue_size: 2 }, () => Promise.resolve());
    await expect(queue.offer(spansNamed(["a", "b", "c"]))).rejects.toMatchObject({ code: "queue-full" });
  });

  it("gives up what failed for good, and goes on", async () => {
    const sends = new Sends();
    const queue = await make({ num_consumers: 1 }, sends.send);
    await queue.offer(spansNamed(["a"]));
    await queue.offer(spansNamed(["b"]));
    await sends.answer(1, new OtelierError("no", { code: "no", outcome: "permanent" }));
    await sends.answer(1);
    await until(() => queue.size === 0);
    expect(sends.begun).toEqual(["a", "b"]);
  });

  it("joins what waits, never of two tenants", async () => {
    const sends = new Sends();
    const batch = {
      flush_timeout: 5_000,
      min_size: 4,
      max_size: 0,
      sizer: undefined,
      partition: { metadata_keys: [] },
    };
    const queue = await make({ batch }, sends.send);
    await queue.offer(spansNamed(["a", "b"], { tenant: "one" }));
    await queue.offer(spansNamed(["x", "y"], { tenant: "two" }));
    await queue.offer(spansNamed(["c", "d"], { tenant: "one" }));
    await until(() => sends.begun.length === 1);
    expect(sends.begun).toEqual(["a"]);
    await queue.offer(spansNamed(["z", "z"], { tenant: "two" }));
    await sends.answer(2);
    await until(() => queue.size === 0);
    expect(sends.begun).toEqual(["a", "x"]);
  });

  it("keeps bytes and context", async () => {
    const seen: Batch[] = [];
    const queue = await make({}, (batch) => {
      seen.push(batch);
      return Promise.resolve();
    });
    const context = {
      tenant: "ä",
      peer: "127.0.0.1:1",
      protocol: "grpc",
      receivedUnixMs: 5,
      metadata: new Map([["x-team", ["red", "blue"]]]),
    } as const;
    const sent = spansNamed(["a", "b"], context);
    await queue.offer(sent);
    await until(() => queue.size === 0);
    expect(seen.map((batch) => Buffer.from(batch.bytes))).toEqual([Buffer.from(sent.bytes)]);
    expect(seen[0]?.context).toEqual(context);
  });

  it("refuses after its end", async () => {
    const queue = await make({}, () => Promise.resolve());
    await queue.drain();
    await expect(queue.offer(spansNamed(["a"]))).rejects.toMatchObject({ code: "queue-stopped" });
  });
});
