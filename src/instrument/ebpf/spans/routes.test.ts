import { expect, test } from "vitest";
import { compileIgnored, compileRoutes, type RouteRules } from "./routes.ts";

const rules: RouteRules = {
  patterns: ["/user/{id}", "/user/:id/basket/{product}", "/static/**", "/any/*/end"],
  ignoredPatterns: ["/health/*"],
  ignore: "all",
  unmatched: "unset",
  wildcard: "*",
};

test.each([
  ["/user/123", "/user/{id}"],
  ["/user/123/basket/1", "/user/:id/basket/{product}"],
  ["/user", undefined],
  ["/user/1/2", undefined],
  ["/static/a/b.css", "/static/**"],
  ["/static", "/static/**"],
  ["/any/thing/end", "/any/*/end"],
])("pattern of %s", (path, expected) => {
  expect(compileRoutes(rules)(path)).toBe(expected);
});

test.each<readonly [RouteRules["unmatched"], string, string | undefined]>([
  ["unset", "/a", undefined],
  ["path", "/a/1", "/a/1"],
  ["wildcard", "/a/1", "/**"],
  ["heuristic", "/api/v1/products/4711", "/api/v1/products/*"],
  ["heuristic", "/orders/3f2504e0-4f89-11d3-9a0c-0305e82c3301/items", "/orders/*/items"],
  ["heuristic", "/", "/"],
  ["heuristic", "/index.html", "/index.html"],
  ["heuristic", "/cafe/deadbeefdeadbeef", "/cafe/*"],
  ["heuristic", "/sku/AB-77131", "/sku/*"],
  ["heuristic", "/find/sv%C3%A4r", "/find/*"],
  ["heuristic", `/${"a/".repeat(30)}`, `/${"a/".repeat(10)}*`],
  ["low-cardinality", "/user-agents/12", "/user-agents/*"],
])("unmatched: %s makes of %s", (unmatched, path, expected) => {
  expect(compileRoutes({ ...rules, patterns: [], unmatched })(path)).toBe(expected);
});

test("ignored paths", () => {
  expect([compileIgnored(rules)("/health/live"), compileIgnored(rules)("/healthy")]).toEqual([
    "all",
    undefined,
  ]);
});
