import { expect, it } from "vitest";
import { createManualClock } from "../../../test/fakes/manual-clock.ts";
import { createLog } from "./log.ts";
import type { LogEncoding, LogLevel } from "./log.ts";

function lines(level: LogLevel, encoding: LogEncoding): string[] {
  const written: string[] = [];
  const clock = createManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  const log = createLog({ level, encoding, colour: false, clock, write: (line) => written.push(line) });
  const child = log.child({ "otelcol.component.kind": "exporter", "otelcol.component.id": "otlp/2" });
  child.debug("Looking.");
  child.warn("Slow.", { interval: "5s", error: 'no "luck"', missing: undefined });
  return written;
}

it("writes lines for people, the component first", () => {
  expect(lines("info", "console")).toEqual([
    '03:04:05.006 warn  exporter otlp/2  Slow.  interval=5s  error="no \\"luck\\""\n',
  ]);
});

it("writes JSON by the Collector's names", () => {
  expect(lines("debug", "json").map((line): unknown => JSON.parse(line))).toEqual([
    {
      level: "debug",
      ts: "2026-01-02T03:04:05.006Z",
      msg: "Looking.",
      "otelcol.component.kind": "exporter",
      "otelcol.component.id": "otlp/2",
    },
    {
      level: "warn",
      ts: "2026-01-02T03:04:05.006Z",
      msg: "Slow.",
      "otelcol.component.kind": "exporter",
      "otelcol.component.id": "otlp/2",
      interval: "5s",
      error: 'no "luck"',
    },
  ]);
});
