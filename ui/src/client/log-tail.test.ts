import { expect, it } from "vitest";
import type { StoredLog } from "../../../src/api/explore/wire.ts";
import { continued, mostKept, rereadFrom, rereadRows } from "./log-tail.ts";

const at = (ms: number, body = ""): StoredLog => ({
  timeUnixNano: `${1_700_000_000_000 + ms}000000`,
  service: "shop",
  severityNumber: 9,
  severityText: "INFO",
  body,
  bodyType: "string",
  eventName: "",
  traceId: "",
  spanId: "",
  traceFlags: 0,
  attributes: [],
  resource: [],
  scopeName: "",
  scopeVersion: "",
});
const every = (stepMs: number, count: number): StoredLog[] =>
  Array.from({ length: count }, (_, i) => at(i * stepMs));

it.each([
  ["nothing", [], 0],
  ["one line", every(0, 1), 0],
  ["lines of ten seconds", every(1000, 30), 19],
  ["a thousand lines when there are many", every(1, 5000), 5000 - rereadRows],
  ["all of one nanosecond", [at(0), ...Array.from({ length: 3000 }, () => at(60_000))], 1],
] as const)("reads again %s", (_, records, wanted) => {
  expect(rereadFrom(records)).toBe(wanted);
});

it("takes in a late line at its place, and counts only what is new", () => {
  const tail = { records: [at(0), at(1000), at(3000)], read: 3 };
  const next = continued(tail, 1, [at(1000), at(2000, "late"), at(3000), at(4000)]);
  expect(next.records.map((record) => record.timeUnixNano)).toEqual(
    [0, 1000, 2000, 3000, 4000].map((ms) => at(ms).timeUnixNano),
  );
  expect(next.read).toBe(5);
});

it("forgets the oldest lines beyond its bound", () => {
  const next = continued({ records: every(1, mostKept), read: mostKept }, mostKept - 1, every(1, 3001));
  expect(next.records).toHaveLength(mostKept);
  expect(next.read).toBe(mostKept + 3000);
});
