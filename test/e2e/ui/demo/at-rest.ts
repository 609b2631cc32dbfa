import type { Page } from "playwright-core";
import { expect } from "vitest";

const loading = `[...document.querySelectorAll(".spinner, .progress.is-busy")].filter((one) => {
  const { top, bottom } = one.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}).length`;

/** Waits until nothing in sight is loading; what is below is asked for only when it comes into sight. */
export async function atRest(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate<number>(loading), { timeout: 120_000 }).toBe(0);
}
