/** A trace of 100,000 spans: every row reachable, few in the document. Prints how long opening and folding took; the figures are not asserted. */
import { expect, it } from "vitest";
import { startBuiltFixture } from "./target.ts";
import { focusOn } from "./browser.ts";
import { visitsTo } from "./visits.ts";

const visits = visitsTo(startBuiltFixture);

it("opens, folds, finds and walks to the end", async () => {
  const page = await visits.visit(`/trace?id=${visits.target.largeTraceId}`);
  const grid = page.getByRole("treegrid");
  await page.locator(".span-row").first().waitFor();
  expect(await grid.getAttribute("aria-rowcount")).toBe("100000");
  expect(await page.locator(".span-row").count()).toBeLessThan(80);

  // From the answer to the rows on screen, in the page's own clock.
  const opened = await page.evaluate<number>(
    `(() => { const entry = performance.getEntriesByType("resource").find((e) => e.name.includes("/api/traces/")); return performance.now() - entry.responseEnd; })()`,
  );

  const foldMs = await page.evaluate<number[]>(`(async () => {
    const times = [];
    for (let i = 0; i < 10; i++) {
      document.querySelector(".span-row").focus();
      const key = i % 2 === 0 ? "ArrowLeft" : "ArrowRight";
      const before = performance.now();
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      // React renders in a microtask of the event; a few turns later rows and bars are drawn.
      for (let turn = 0; turn < 5; turn++) await null;
      const handled = performance.now() - before;
      await new Promise((resolve) => { const channel = new MessageChannel(); channel.port1.onmessage = resolve; requestAnimationFrame(() => channel.port2.postMessage(0)); });
      times.push(handled, performance.now() - before);
    }
    return times;
  })()`);
  console.log(
    `100k spans: ${opened.toFixed(0)} ms at most from the answer to rows; fold drawn, then frame shown: ${foldMs.map((ms) => ms.toFixed(1)).join(" ")} ms`,
  );

  await focusOn(page.locator(".span-row").first());
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => grid.getAttribute("aria-rowcount")).toBe("1");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => grid.getAttribute("aria-rowcount")).toBe("100000");

  await page.keyboard.press("End");
  await expect.poll(() => page.locator(".span-row:focus").getAttribute("aria-rowindex")).toBe("100000");

  await page.keyboard.press("Home");
  await page.keyboard.press("/");
  await page.keyboard.type("error worker-3");
  await expect
    .poll(() => page.locator(".trace-tools").getByRole("status").textContent())
    .toBe(String(visits.target.largeTraceMatches));
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await page.locator(".span-row.is-selected.is-match").waitFor();
});
