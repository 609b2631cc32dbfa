import { afterEach, beforeEach, expect, test } from "vitest";
import { OtlpSink } from "../../../test/fakes/otlp-sink.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { BatchSender } from "./batch-sender.ts";
import { encodeLines } from "./logs/encode.ts";
import type { LogLine } from "./logs/log-line.ts";

const sink = new OtlpSink();
let nowMs = 1000;
let requests = 0;

beforeEach(async () => {
  requests = 0;
  sink.before = async () => void requests++;
  await sink.listen();
});
afterEach(async () => {
  sink.refuses = false;
  await sink.close();
});

const ownTime: Clock = { ...systemClock, monotonic: () => nowMs };

function sender(clock = ownTime): BatchSender<LogLine> {
  return new BatchSender<LogLine>(
    { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint },
    {
      clock,
      resourceOf: () => new Map(),
      version: "1",
      epochNs: () => 0n,
    },
    {
      signal: "logs",
      processOf: ({ process }) => process,
      countOf: () => 1,
      encode: (processes, options) => [encodeLines(processes, options)],
    },
  );
}

function lines(count: number): readonly LogLine[] {
  const ids = { traceId: new Uint8Array(16), spanId: new Uint8Array(8) };
  return Array.from({ length: count }, (): LogLine => ({
    process: 1,
    timeNs: 0n,
    ...ids,
    sampled: true,
    stream: "stdout",
    text: "x",
    cut: false,
  }));
}

test.each([
  ["few soon", 1, 400],
  ["many later, in larger batches", 1000, 800],
  ["as many as one batch holds at once", 4096, 0],
])("sends %s", async (_, count, afterMs) => {
  const sending = sender();
  expect(sending.beat(nowMs)).toBe(Infinity);
  sending.add(lines(count));
  if (afterMs > 0) expect(sending.beat(nowMs)).toBe(afterMs);
  nowMs += afterMs;
  expect(sending.beat(nowMs)).toBe(Infinity);
  await expect.poll(() => requests).toBe(1);
  // Nothing is left of it for the end.
  await sending.sendLast(10_000);
  expect([requests, sending.unsent().count]).toEqual([1, 0]);
});

test("is in no hurry with more than a batch that nobody takes", async () => {
  const sending = sender();
  sink.refuses = true;
  sending.add(lines(5000));
  sending.beat(nowMs);
  await expect.poll(() => sending.beat(nowMs)).toBe(400);
  expect(requests).toBe(1);
  sink.refuses = false;
  nowMs += 400;
  sending.beat(nowMs);
  await sending.sendLast(10_000);
  expect([requests, sending.unsent().count]).toEqual([3, 0]);
});

test.each([
  ["that is under way", true],
  ["that has not begun", false],
])("the last post is given up when it is not answered, also one %s", async (_, isUnderWay) => {
  const sending = sender(systemClock);
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  sink.before = () => {
    requests++;
    return answered;
  };
  sending.add(lines(isUnderWay ? 4096 : 1));
  if (isUnderWay) {
    sending.beat(systemClock.monotonic());
    await expect.poll(() => requests).toBe(1);
    sending.add(lines(1));
  }
  await sending.sendLast(50);
  expect(sending.unsent()).toEqual({
    count: isUnderWay ? 4097 : 1,
    why: `no answer from ${sink.endpoint}/v1/logs`,
  });
  answer();
});
