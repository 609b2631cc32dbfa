import { expect, test } from "vitest";
import { otlpBytes } from "../../../test/fakes/otlp-payload.ts";
import { seededRandom } from "../../base/random.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { otlpJsonToBytes } from "../../telemetry/json/parse.ts";
import { firstItemMs } from "./item-time.ts";

test.each<[Signal, number | undefined]>([
  ["traces", 1_544_712_661_000],
  ["logs", 1_544_712_660_000],
  ["metrics", undefined],
])("the first item of %s tells %s", (signal, wanted) => {
  expect(firstItemMs(signal, otlpBytes(signal))).toBe(wanted);
});

test("a log record's time is that at which it was observed, where it has one", () => {
  const records = '{"timeUnixNano":"1000000000","observedTimeUnixNano":"1544712660000000000"}';
  const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}]}]}]}`;
  const parsed = otlpJsonToBytes("logs", Buffer.from(json));
  expect(parsed.ok && firstItemMs("logs", parsed.bytes)).toBe(1_544_712_660_000);
});

test("bytes that are cut or changed anywhere never throw", () => {
  const bytes = otlpBytes("traces");
  for (let length = 0; length < bytes.length; length++) firstItemMs("traces", bytes.subarray(0, length));
  const random = seededRandom(7);
  for (let round = 0; round < 2000; round++) {
    const changed = Buffer.from(bytes);
    changed[Math.floor(random.next() * changed.length)] = Math.floor(random.next() * 256);
    expect(() => firstItemMs("traces", changed)).not.toThrow();
  }
});
