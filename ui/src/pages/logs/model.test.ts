import { expect, it } from "vitest";
import { pages } from "../../url/pages.ts";
import { isFiltered, logParameters, noFilters, searchWords, volumeParameters } from "./model.ts";

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
  expect(volumeParameters(search)).toMatchObject({ from: "now-15m", steps: 80 });
});

it("splits words and knows its filters", () => {
  expect(searchWords(" order  a failed")).toEqual(["order", "failed"]);
  expect(isFiltered(search)).toBe(false);
  expect(isFiltered({ ...search, severity: "warn" })).toBe(true);
  expect(isFiltered({ ...search, span: "a", ...noFilters })).toBe(false);
});
