import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom, systemRandom, type Random } from "./random.ts";

const draw = (random: Random): number[] => Array.from({ length: 5 }, () => random.next());

test("a seed gives the same sequence on every machine", () => {
  expect(draw(seededRandom(42))).toEqual([
    0.6011037519201636, 0.44829055899754167, 0.8524657934904099, 0.6697340414393693, 0.17481389874592423,
  ]);
  expect([...seededRandom(7).bytes(8)]).toEqual([...seededRandom(7).bytes(8)]);
  expect(draw(seededRandom(1))).not.toEqual(draw(seededRandom(2)));
});

test.each([
  ["system", systemRandom],
  ["seeded", seededRandom(3)],
])("%s: floats in [0, 1), new arrays of the length asked for", (_, random) => {
  for (const value of draw(random)) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(1);
  }
  const bytes = random.bytes(1000);
  expect(bytes).toHaveLength(1000);
  expect(new Set(bytes).size).toBeGreaterThan(200);
  expect(random.bytes(0)).toHaveLength(0);
});

test("any seed stays within bounds", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      expect(draw(seededRandom(seed)).every((value) => value >= 0 && value < 1)).toBe(true);
    }),
  );
});
