import { expect, it } from "vitest";
import type { StoredLog } from "../../../../src/api/explore/wire.ts";
import { foldRepeats, type Repeats } from "./repeats.ts";

const bodies = [
  "took 18 ms",
  "took 18 ms",
  "took 7 ms",
  "done in 7 s",
  "took 18 ms",
  "id 4bf92f35",
  "id 00f067aa",
];

function logOf(body: string, change: Partial<StoredLog> = {}): StoredLog {
  return {
    timeUnixNano: "1",
    service: "shop",
    severityNumber: 9,
    severityText: "",
    body,
    bodyType: "string",
    traceFlags: 0,
    eventName: "",
    traceId: "",
    spanId: "",
    scopeName: "",
    scopeVersion: "",
    attributes: [],
    resource: [],
    ...change,
  };
}

it.each<[Repeats, readonly (readonly [string, number])[]]>([
  ["all", bodies.map((body) => [body, 1])],
  [
    "exact",
    [
      ["took 18 ms", 2],
      ["took 7 ms", 1],
      ["done in 7 s", 1],
      ["took 18 ms", 1],
      ["id 4bf92f35", 1],
      ["id 00f067aa", 1],
    ],
  ],
  [
    "numbers",
    [
      ["took 18 ms", 3],
      ["done in 7 s", 1],
      ["took 18 ms", 1],
      ["id 4bf92f35", 2],
    ],
  ],
  [
    "signature",
    [
      ["took 18 ms", 3],
      ["done in 7 s", 1],
      ["took 18 ms", 1],
      ["id 4bf92f35", 2],
    ],
  ],
])("%s", (repeats, expected) => {
  const folded = foldRepeats(
    bodies.map((body) => logOf(body)),
    repeats,
  );
  expect(folded.map(({ record, count }) => [record.body, count])).toEqual(expected);
});

it.each<[string, Partial<StoredLog>]>([
  ["service", { service: "cart" }],
  ["severity", { severityNumber: 17 }],
])("keeps lines of another %s apart", (_, change) => {
  expect(foldRepeats([logOf("a"), logOf("a", change)], "exact")).toHaveLength(2);
});

it("tells records without a body apart by their event's name", () => {
  const records = [logOf("", { eventName: "opened" }), logOf("", { eventName: "closed" })];
  expect(foldRepeats(records, "exact")).toHaveLength(2);
});
