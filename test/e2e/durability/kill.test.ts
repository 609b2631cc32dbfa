/** What an answer is worth: the engine, and then the whole stack, are killed under load; every answered span is there, none twice. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { openStore } from "../../../src/storage/clickhouse/store.ts";
import { Sender } from "./sender.ts";
import { freePort } from "../../fakes/free-port.ts";
import { StackProcess } from "./stack-process.ts";

const rounds = 8;

/** A stack on a directory of its own; the tests wait for starts and inserts most of the time, so they run side by side. */
interface Subject {
  readonly folder: string;
  readonly stack: StackProcess;
  readonly otlpHttp: number;
}

function withStack(test: (subject: Subject) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "otelier-kill-"));
    const otlpHttp = await freePort();
    const stack = new StackProcess(folder, { grpc: await freePort(), otlpHttp, http: await freePort() });
    try {
      await stack.start();
      await test({ folder, stack, otlpHttp });
    } finally {
      await stack.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A kill at any moment, but not before something was answered since the one before. */
async function underLoad(sender: Sender, ms: number): Promise<void> {
  const answered = sender.answered.length;
  await pause(ms);
  while (sender.answered.length < answered + 100) await pause(5);
}

/** Reads back by SQL, after the stack has ended, with a store of our own on its directory. */
async function expectAllOnce({ stack, folder }: Subject, answered: readonly string[]): Promise<void> {
  await stack.kill("SIGTERM");
  const store = await openStore({ dataDirectory: folder });
  try {
    while ((await store.status()).pendingSegments > 0) await pause(50);
    const answer = await store.client.query(
      "SELECT SpanId, count() AS Times FROM otel_traces GROUP BY SpanId",
      {
        what: "count spans",
      },
    );
    const times = answer.numbers("Times").map(Number);
    const there = new Set(answer.strings("SpanId"));
    expect(times.filter((count) => count !== 1)).toEqual([]);
    expect(answered.filter((id) => !there.has(id))).toEqual([]);
    const index = await store.client.query(
      "SELECT count() AS Traces, uniqExact(TraceId) AS Ids FROM (SELECT TraceId FROM otel_traces_trace_id_ts GROUP BY TraceId)",
      { what: "count traces" },
    );
    expect(index.numbers("Traces").map(Number)).toEqual([there.size]);
    const keys = await store.client.query(
      "SELECT sum(Count) AS Items FROM otel_attribute_keys WHERE Key = 'work.id'",
      { what: "count attribute keys" },
    );
    // A sum, which would show an insert into the view's table that happened twice.
    expect(keys.numbers("Items").map(Number)).toEqual([there.size]);
    expect((await store.status()).setAside).toEqual([]);
  } finally {
    await store.close();
  }
  expect(readdirSync(path.join(folder, "segments"))).toEqual(["aside"]);
}

it.concurrent(
  "refuses a second stack on its directory, saying who has it, and goes on",
  withStack(async (subject) => {
    const { folder, stack, otlpHttp } = subject;
    const second = new StackProcess(folder, {
      grpc: await freePort(),
      otlpHttp: await freePort(),
      http: await freePort(),
    });
    await expect(second.start()).rejects.toThrow(
      `cannot use the data directory "${folder}": process ${stack.pid} (`,
    );
    const sender = new Sender(otlpHttp, 1);
    while (sender.answered.length < 100) await pause(5);
    await sender.stop();
    await expectAllOnce(subject, sender.answered);
  }),
);

it.concurrent(
  `survives ${rounds} kills of the engine`,
  withStack(async (subject) => {
    const { stack, otlpHttp } = subject;
    const sender = new Sender(otlpHttp, 4);
    for (let round = 0; round < rounds; round++) {
      await underLoad(sender, 300 + 70 * round);
      let pid = stack.enginePid();
      while (pid === undefined) {
        await pause(20);
        pid = stack.enginePid();
      }
      process.kill(pid, "SIGKILL");
    }
    await underLoad(sender, 1000);
    await sender.stop();
    expect(sender.answered.length).toBeGreaterThan(1000);
    expect(sender.failures).toBe(0);
    await expectAllOnce(subject, sender.answered);
  }),
);

it.concurrent(
  `survives ${rounds} kills of the whole stack`,
  withStack(async (subject) => {
    const { stack, otlpHttp } = subject;
    const sender = new Sender(otlpHttp, 4);
    for (let round = 0; round < rounds; round++) {
      await underLoad(sender, 300 + 70 * round);
      await stack.kill("SIGKILL");
      await stack.start();
    }
    await underLoad(sender, 500);
    await sender.stop();
    expect(sender.answered.length).toBeGreaterThan(1000);
    await expectAllOnce(subject, sender.answered);
  }),
);
