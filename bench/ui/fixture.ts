/** Sizes of what is loaded, and a trace of 100,000 spans. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { openPage } from "../../test/e2e/ui/browser.ts";
import { startBuiltFixture, type BuiltFixture } from "../../test/e2e/ui/target.ts";
import { summaryOf, type Figure } from "../figure.ts";

const opens = 5;
const folds = 20;

export async function measureFixture(browser: Browser): Promise<readonly Figure[]> {
  const fixture = await startBuiltFixture();
  try {
    return [...(await sizes(browser, fixture)), ...(await largeTrace(browser, fixture))];
  } finally {
    await fixture.close();
  }
}

async function sizes(browser: Browser, fixture: BuiltFixture): Promise<readonly Figure[]> {
  const { page, context } = await openPage(browser, fixture.url);
  const loaded = new Set<string>();
  page.on("request", (request) => {
    const name = /\/assets\/(.+)$/.exec(request.url())?.[1];
    if (name !== undefined) loaded.add(name);
  });
  await page.goto("/services");
  await page.locator("table.table tbody tr").first().waitFor();
  const kilobytes = (names: Iterable<string>): number =>
    [...names].reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(fixture.root, "assets", name))).length,
      0,
    ) / 1024;
  const all = readdirSync(join(fixture.root, "assets"));
  await context.close();
  return [
    { name: "first page", value: kilobytes(loaded), unit: "KB gzip" },
    { name: "all pages", value: kilobytes(all), unit: "KB gzip" },
  ];
}

async function largeTrace(browser: Browser, fixture: BuiltFixture): Promise<readonly Figure[]> {
  const shown: number[] = [];
  const folded: number[] = [];
  let heap = 0;
  for (let open = 0; open < opens; open++) {
    const { page, context } = await openPage(browser, fixture.url);
    await page.goto(`/trace?id=${fixture.largeTraceId}`);
    await page.locator(".span-row").first().waitFor();
    shown.push(await sinceAnswer(page));
    heap = Math.max(heap, await heapMiB(page));
    if (open === opens - 1) folded.push(...(await foldTimes(page)));
    await context.close();
  }
  return [
    { name: "100k spans, answer to rows", unit: "ms", ...summaryOf(shown) },
    { name: "100k spans, collapse or expand", unit: "ms", ...summaryOf(folded) },
    { name: "100k spans, heap", unit: "MiB", value: heap },
  ];
}

/** From the last byte of the trace to now, in the page's own clock. */
function sinceAnswer(page: Page): Promise<number> {
  return page.evaluate<number>(
    `performance.now() - performance.getEntriesByType("resource").find((entry) => entry.name.includes("/api/traces/")).responseEnd`,
  );
}

/** After a collection of garbage, with what arrays hold outside the heap proper. */
async function heapMiB(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = (await session.send("Runtime.getHeapUsage")) as {
    readonly usedSize: number;
    readonly backingStorageSize?: number;
  };
  return (usedSize + (backingStorageSize ?? 0)) / 2 ** 20;
}

/** Of the whole trace below its root: from the key to rows and bars being drawn. */
function foldTimes(page: Page): Promise<readonly number[]> {
  return page.evaluate<number[]>(`(async () => {
    const times = [];
    for (let i = 0; i < ${folds}; i++) {
      document.querySelector(".span-row").focus();
      const key = i % 2 === 0 ? "ArrowLeft" : "ArrowRight";
      const before = performance.now();
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      // React renders in a microtask of the event; a few turns later rows and bars are drawn.
      for (let turn = 0; turn < 5; turn++) await null;
      times.push(performance.now() - before);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return times;
  })()`);
}
