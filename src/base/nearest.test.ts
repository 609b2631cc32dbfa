import { expect, test } from "vitest";
import { nearestName } from "./nearest.ts";

test.each([
  ["storefrnt", ["cart", "storefront"], "storefront"],
  ["STOREFRONT", ["storefront"], "storefront"],
  ["bacth", ["batch", "bath"], "batch"],
  ["otlphtp", ["otlp", "otlphttp", "otlp_http"], "otlphttp"],
  ["ab", ["xy"], undefined],
  ["kafka", ["otlp", "debug"], undefined],
  ["a", ["b", "c"], "b"],
  ["", ["x"], "x"],
  ["x", [], undefined],
])("%s among %j", (word, candidates, nearest) => {
  expect(nearestName(word, candidates)).toBe(nearest);
});
