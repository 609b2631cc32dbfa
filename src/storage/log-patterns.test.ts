import { expect, it } from "vitest";
import { mergePatterns, templateOf } from "./log-patterns.ts";
import type { LogPattern } from "./logs.ts";

it.each([
  ["took 18 ms for user-42", "took <*> ms for <*>"],
  ["ready", "ready"],
  ["GET /orders/A-20391?x=1 from 10.2.0.7:443", "GET /orders/<*>=<*> from <*>:<*>"],
  ['{"order":"A-20391","total":237.5}', '{"order":"<*>","total":<*>}'],
  ["id 0af7651916cd43dd8448eb211c80319c", "id <*>"],
  ["größe 3 ✓", "größe <*> ✓"],
])("masks %j", (body, template) => {
  expect(templateOf(body)).toBe(template);
});

const pattern = (template: string, count: number, change: Partial<LogPattern> = {}): LogPattern => ({
  template,
  count,
  severities: [0, 0, 0, count, 0, 0, 0],
  services: ["shop"],
  example: template,
  firstMs: count,
  lastMs: count,
  ...change,
});

it("merges templates that differ in few words and adds what they count", () => {
  const found = mergePatterns(
    [
      pattern("could not reserve walnut of the shop", 5, { severities: [0, 0, 0, 0, 1, 4, 0] }),
      pattern("could not reserve oak of the shop", 3, { services: ["cart"] }),
      pattern("could not reserve", 2),
      pattern("page was rendered at once", 1),
    ],
    10,
  );
  expect(found.map(({ template, count }) => [template, count])).toEqual([
    ["could not reserve <*> of the shop", 8],
    ["could not reserve", 2],
    ["page was rendered at once", 1],
  ]);
  expect(found[0]).toMatchObject({
    severities: [0, 0, 0, 3, 1, 4, 0],
    services: ["shop", "cart"],
    firstMs: 3,
    lastMs: 5,
  });
});

it("keeps short lines apart, and the most frequent when there are too many", () => {
  const found = mergePatterns([pattern("ready", 5), pattern("slow", 4), pattern("tock", 1)], 2);
  expect(found.map(({ template }) => template)).toEqual(["ready", "slow"]);
});
