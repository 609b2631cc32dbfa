import type { Page } from "playwright-core";
import { expect } from "vitest";

const loading = `[...document.querySelectorAll(".spinner, .progress.is-busy")].filter((one) => {
  const { top, bottom } = one.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}).length`;

/** Progress is shown of what takes over 300 ms only. */
const shownAfterMs = 600;

/** Waits until nothing in sight is loading; what is below is asked for only when it comes into sight. */
export async function atRest(page: Page): Promise<void> {
  const busy = async (): Promise<number> => {
    const before = await page.evaluate<number>(loading);
    await page.waitForTimeout(shownAfterMs);
    return before + (await page.evaluate<number>(loading));
  };
  await expect.poll(busy, { timeout: 120_000 }).toBe(0);
}
