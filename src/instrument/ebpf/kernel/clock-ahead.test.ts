import { expect, test } from "vitest";
import { clockAheadNs } from "./clock-ahead.ts";

/** Nanoseconds until a reading, in turn: of the clock behind, of the one ahead by 1,000,000, and of the one behind again. */
test.each<readonly [string, readonly bigint[], bigint]>([
  ["as long before as behind", [0n, 10n, 10n, 0n, 10n, 10n], 0n],
  ["slow at first", [0n, 9_000n, 50n, 0n, 20n, 20n], 0n],
  ["stopped in between", [0n, 30n, 30n, 0n, 9_000n, 50n], 0n],
  ["slow before each", [0n, 60n, 20n, 0n, 60n, 20n], 20n],
])("%s: wrong by half of the shortest reading at most", (_, steps, wrongByNs) => {
  let now = 0n;
  let at = 0;
  const later = (): bigint => (now += steps[at++]!);
  expect(clockAheadNs(() => later() + 1_000_000n, later)).toBe(1_000_000n + wrongByNs);
});
