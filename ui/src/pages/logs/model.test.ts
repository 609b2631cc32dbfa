import { expect, it } from "vitest";
import { pages } from "../../url/pages.ts";
import {
  isFiltered,
  logParameters,
  matchFields,
  patternParts,
  patternWords,
  noFilters,
  searchWords,
  tailParameters,
  volumeParameters,
} from "./model.ts";

const search = pages.logs.codec.parse({});

it("asks within the window, but for a trace wherever it lies", () => {
  expect(logParameters({ ...search, severity: "warn" })).toMatchObject({
    from: "now-15m",
    to: "now",
    severity: 13,
    order: "newest",
  });
  const ofTrace = logParameters({ ...search, trace: "ab" });
  expect(ofTrace).not.toHaveProperty("from");
  expect(ofTrace).toMatchObject({ trace: "ab" });
  expect(tailParameters({ ...search, from: "1", to: "2" })).toMatchObject({ from: "now-15m", to: "now" });
  expect(tailParameters({ ...search, from: "now-1h" })).toMatchObject({ from: "now-1h", to: "now" });
  expect(volumeParameters(search)).toMatchObject({ from: "now-15m", steps: 80 });
});

it("splits words and knows its filters", () => {
  expect(searchWords(" order  a failed")).toEqual(["order", "failed"]);
  expect(isFiltered(search)).toBe(false);
  expect(isFiltered({ ...search, severity: "warn" })).toBe(true);
  expect(isFiltered({ ...search, span: "a", ...noFilters })).toBe(false);
});

it("cuts a pattern at its variable parts, and knows the words that all its lines hold", () => {
  expect(patternParts("took <*> ms for <*>")).toEqual([
    { text: "took ", isVariable: false },
    { text: "<*>", isVariable: true },
    { text: " ms for ", isVariable: false },
    { text: "<*>", isVariable: true },
  ]);
  expect(patternWords("took <*> ms for user-<*> a (slow) took")).toBe("took ms for");
});

it("finds fields by key and by value", () => {
  const field = (key: string, value: string) => ({
    scope: "log" as const,
    key,
    count: 1,
    distinct: 1,
    values: [{ value, count: 1 }],
  });
  const fields = [field("http.route", "/cart"), field("peer", "redis")];
  expect(matchFields(fields, "ROUTE").map(({ key }) => key)).toEqual(["http.route"]);
  expect(matchFields(fields, "red").map(({ key }) => key)).toEqual(["peer"]);
  expect(matchFields(fields, "")).toHaveLength(2);
});
