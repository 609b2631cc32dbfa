import { expect, it } from "vitest";
import { printParameters } from "./http.ts";
import { readPreferences } from "./preferences.ts";

it.each([
  [{}, ""],
  [{ a: "", b: undefined }, ""],
  [{ service: "a b", limit: 5, attr: ["x=1", "y"] }, "?service=a+b&limit=5&attr=x%3D1&attr=y"],
])("printParameters(%j)", (parameters, wanted) => {
  expect(printParameters(parameters)).toBe(wanted);
});

it("falls back one by one where stored preferences cannot be used", () => {
  const defaults = readPreferences(null);
  expect(readPreferences("{")).toEqual(defaults);
  expect(readPreferences("[]")).toEqual(defaults);
  expect(readPreferences('{"theme":"dark","nameShare":7,"live":false}')).toEqual({
    ...defaults,
    theme: "dark",
    live: false,
  });
});
