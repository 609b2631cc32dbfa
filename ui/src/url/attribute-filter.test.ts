import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addFilter, filterFor, parseFilter, printFilter, splitScope } from "./attribute-filter.ts";

describe("parseFilter", () => {
  it.each([
    ["http.route=/cart", { key: "http.route", operator: "=", value: "/cart" }],
    ["http.route = /cart", { key: "http.route", operator: "=", value: "/cart" }],
    ["a!=b", { key: "a", operator: "!=", value: "b" }],
    ["a~b", { key: "a", operator: "contains", value: "b" }],
    ["a=b=c!=d", { key: "a", operator: "=", value: "b=c!=d" }],
    ['a="b c"', { key: "a", operator: "=", value: "b c" }],
    ["resource.host.name", { key: "resource.host.name", operator: "exists", value: "" }],
    ["", undefined],
    ["=b", undefined],
  ])("%s", (text, wanted) => {
    expect(parseFilter(text)).toEqual(wanted);
  });

  it("reads what it prints", () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9._]{0,20}$/);
    const filters = fc.record({
      key,
      operator: fc.constantFrom("=" as const, "!=" as const, "contains" as const),
      value: fc.stringMatching(/^[^\s"]*$/),
    });
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(printFilter(filter))).toEqual(filter);
      }),
    );
  });
});

describe("addFilter", () => {
  it.each([
    [[], "a=b", ["a=b"]],
    [["a=b"], "a=b", ["a=b"]],
    [["a!=b", "c"], "a=b", ["c", "a=b"]],
    [["a=b"], "a=c", ["a=b", "a=c"]],
    [["a=b"], "", ["a=b"]],
  ])("%j + %s", (before, added, wanted) => {
    expect(addFilter(before, added)).toEqual(wanted);
  });
});

it("writes and splits scopes", () => {
  expect(filterFor("resource", "host.name", "a")).toBe("resource.host.name=a");
  expect(splitScope("resource.host.name")).toEqual({ scope: "resource", name: "host.name" });
  expect(splitScope("http.route")).toEqual({ scope: "", name: "http.route" });
});
