import { expect, it } from "vitest";
import { printParameters } from "./http.ts";
import { judge, type LiveMeta } from "./live.ts";
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

it.each([
  ["another topic", { topics: ["logs"] }, {}, "unconcerned"],
  ["an absolute window", {}, {}, "unconcerned"],
  ["an old answer", { topics: ["traces"] }, {}, "now"],
  ["a running query", { topics: ["traces"] }, { fetchStatus: "fetching" }, "later"],
  ["an answer too young", { topics: ["traces"], leastMs: 4000 }, { dataUpdatedAt: 97_000 }, "later"],
  [
    "a young answer that says why it is empty",
    { topics: ["traces"], leastMs: 4000 },
    { dataUpdatedAt: 97_000, data: { empty: {} } },
    "now",
  ],
  ["one that must not change", { topics: ["traces"], mayRefresh: () => false }, {}, "unconcerned"],
] as const)("live: %s", (_name, meta, state, wanted) => {
  const query = {
    meta: meta as LiveMeta,
    state: { fetchStatus: "idle", dataUpdatedAt: 0, data: undefined, ...state } as Parameters<
      typeof judge
    >[0]["state"],
  };
  expect(judge(query, new Set(["traces"]), 100_000)).toBe(wanted);
});
