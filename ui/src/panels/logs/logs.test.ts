import { describe, expect, it } from "vitest";
import type { StoredLog } from "../../../../src/api/explore/wire.ts";
import { cursorBehind } from "../../client/queries.ts";
import { attributesLine, logKeys, markWords } from "./keys.ts";
import { leastSeverity, severityClass, severityShares } from "./severity.ts";

const record = (timeUnixNano: string): StoredLog => ({
  timeUnixNano,
  service: "shop",
  severityNumber: 9,
  severityText: "INFO",
  body: "",
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

it.each([
  [0, "unspecified"],
  [1, "trace"],
  [8, "debug"],
  [9, "info"],
  [16, "warn"],
  [17, "error"],
  [24, "fatal"],
  [25, "unspecified"],
])("severityClass(%d)", (number, wanted) => {
  expect(severityClass(number)).toBe(wanted);
});

it.each([
  ["", undefined],
  ["trace", 1],
  ["warn", 13],
  ["fatal", 21],
])('leastSeverity("%s")', (name, wanted) => {
  expect(leastSeverity(name)).toBe(wanted);
});

describe("cursorBehind", () => {
  it("counts the records of the last nanosecond", () => {
    expect(cursorBehind([])).toBeUndefined();
    expect(cursorBehind([record("5"), record("4"), record("3")])).toBe("3:1");
    expect(cursorBehind([record("5"), record("3"), record("3")])).toBe("3:2");
  });
});

it("writes as many attributes as fit", () => {
  const attributes = [
    { key: "a", value: "1", type: "int" as const },
    { key: "b", value: "long", type: "string" as const },
  ];
  expect(attributesLine(attributes, 100)).toBe("a=1 b=long");
  expect(attributesLine(attributes, 5)).toBe("a=1 …");
  expect(attributesLine(attributes, 2)).toBe("");
});

it("gives records of one nanosecond different keys, the same each time", () => {
  const keys = logKeys([record("1"), record("1"), record("2")]);
  expect(new Set(keys).size).toBe(3);
  expect(logKeys([record("1"), record("1"), record("2")])).toEqual(keys);
});

it.each([
  ["a order b", ["order"], ["a ", "order", " b"]],
  ["Order", ["order"], ["", "Order", ""]],
  ["1+1=2", ["+"], ["1", "+", "1=2"]],
  ["plain", [], ["plain"]],
])("markWords(%s)", (text, words, wanted) => {
  expect(markWords(text, words)).toEqual(wanted);
});

it.each<[readonly number[], string]>([
  [[0, 0, 0, 4500, 60, 97, 0], "info 4500, error 97, warn 60"],
  [[0, 0, 0, 2, 2, 0, 0], "warn 2, info 2"],
  [[3, 0, 0, 0, 0, 0, 1], "unspecified 3, fatal 1"],
  [[], ""],
])("severities %j are %s", (counts, wanted) => {
  const shares = severityShares(counts);
  expect(shares.map(({ name, count }) => `${name} ${count}`).join(", ")).toBe(wanted);
});
