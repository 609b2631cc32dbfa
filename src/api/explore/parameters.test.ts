import { describe, expect, test } from "vitest";
import { Parameters, parseAttributeFilter, parseSpanField } from "./parameters.ts";

const now = 1_700_000_000_000;

function read(query: string): Parameters {
  return new Parameters(new URLSearchParams(query), now);
}

describe("window", () => {
  test.each([
    ["", { startMs: now - 3_600_000, endMs: now }],
    ["from=now-15m", { startMs: now - 900_000, endMs: now }],
    ["from=now-7d&to=now-1d", { startMs: now - 604_800_000, endMs: now - 86_400_000 }],
    ["from=1000&to=2000.5", { startMs: 1000, endMs: 2000.5 }],
    ["to=now-1h", { startMs: now - 7_200_000, endMs: now - 3_600_000 }],
  ])("%s", (query, expected) => {
    const parameters = read(query);
    expect(parameters.window()).toEqual(expected);
    expect(parameters.problems).toEqual([]);
  });

  test.each([
    ["from=yesterday", `cannot use "from=yesterday": must be Unix milliseconds, or relative as now-15m`],
    ["from=now-15x", `cannot use "from=now-15x": must be Unix milliseconds, or relative as now-15m`],
    ["from=2000&to=1000", `cannot use the window: "from" (2000) must be before "to" (1000)`],
  ])("%s is refused", (query, problem) => {
    const parameters = read(query);
    parameters.window();
    expect(parameters.problems).toEqual([problem]);
  });
});

describe("parseAttributeFilter", () => {
  test.each([
    ["http.route=/a=b", { key: "http.route", operator: "=", value: "/a=b" }],
    ["resource.host.name=x", { scope: "resource", key: "host.name", operator: "=", value: "x" }],
    ["span.http.route!=/x", { scope: "span", key: "http.route", operator: "!=", value: "/x" }],
    ["exception.message~timed out", { key: "exception.message", operator: "contains", value: "timed out" }],
    ["user.id", { key: "user.id", operator: "exists", value: "" }],
    ["a=", { key: "a", operator: "=", value: "" }],
    ["spanner=1", { key: "spanner", operator: "=", value: "1" }],
    ["=x", undefined],
    ["span.=x", undefined],
  ])("%s", (text, expected) => {
    expect(parseAttributeFilter(text)).toEqual(expected);
  });
});

test("all problems of a request come at once", () => {
  const parameters = read("limit=0&minDuration=fast&status=Bad&attr==x");
  parameters.integer("limit", 10, 1, 100);
  parameters.durationNano("minDuration");
  parameters.choice("status", ["Ok", "Error"]);
  parameters.attributes();
  expect(parameters.problems).toHaveLength(4);
});

test.each([
  ["service", { field: "service" }],
  ["span.name", { scope: "span", key: "name" }],
  ["resource.host.name", { scope: "resource", key: "host.name" }],
  ["http.route", { key: "http.route" }],
  ["span.", { key: "span." }],
])("field %s", (text, expected) => {
  expect(parseSpanField(text)).toEqual(expected);
});
