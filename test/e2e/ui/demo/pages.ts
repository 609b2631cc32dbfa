/**
 * Every page over the running demo: in both themes without a console error or an axe violation, and never wider than its window. With
 * OTELIER_SCREENSHOTS=1 the pictures in docs/screens/ are made.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import type { Page, TraceAnswer, TraceSummary } from "../../../../src/api/explore/wire.ts";
import { ask } from "../../start/shop.ts";
import { axeViolations } from "../axe.ts";
import { atRest } from "./at-rest.ts";
import type { Target, Visits } from "../visits.ts";

const screens = path.resolve(import.meta.dirname, "../../../../docs/screens");
const takesPictures = process.env.OTELIER_SCREENSHOTS === "1";

/** A trace worth a picture: of many services, with an error if there is one, the failed span open. */
async function findTrace(url: string): Promise<string> {
  const found = await ask<Page<TraceSummary>>(
    `${url}/api/traces?from=now-15m&to=now&order=slowest&limit=200`,
  );
  const [best] = found.items.toSorted(
    (a, b) =>
      b.services.length - a.services.length ||
      Number(b.errorCount > 0) - Number(a.errorCount > 0) ||
      b.spanCount - a.spanCount,
  );
  if (best === undefined) throw new Error("the stack holds no trace of the last 15 minutes");
  const { trace } = await ask<TraceAnswer>(`${url}/api/traces/${best.traceId}`);
  const span = trace?.spanIds[Math.max(0, trace.status.lastIndexOf(2))] ?? "";
  return `/trace?id=${best.traceId}&span=${span}`;
}

type Address = string | ((trace: string) => string);

const pages: readonly [string, Address, string][] = [
  ["services", "/services", "table.table tbody tr"],
  ["service", "/service?name=storefront", ".few-link"],
  ["map", "/map", ".graph-node"],
  ["traces", "/traces?limit=250", ".trace-row[data-row]"],
  ["breakdown", "/traces?tab=breakdown&by=name&metric=duration", ".breakdown-chart canvas"],
  ["comparison", "/traces?tab=comparison&selStatus=Error", ".difference"],
  ["structure", "/traces?tab=structure", ".call-row[data-row]"],
  ["exceptions", "/traces?tab=exceptions", ".exception"],
  ["trace", (trace) => trace, ".span-detail"],
  ["flame", (trace) => `${trace}&view=flame`, ".flame-words strong"],
  ["calls", (trace) => `${trace}&view=graph`, ".graph-node"],
  ["statistics", (trace) => `${trace}&view=statistics`, ".statistics tbody tr"],
  [
    "compare",
    (trace) => `${trace}&view=compare&with=${/id=([0-9a-f]+)/.exec(trace)?.[1]}`,
    ".statistics tbody tr",
  ],
  ["links", (trace) => `${trace}&view=links`, ".linked p"],
  ["logs", "/logs", ".log-line"],
  ["tail", "/logs?view=tail", ".log-line"],
  ["patterns", "/logs?view=patterns", ".pattern-template"],
  ["fields", "/logs?view=fields", ".field-card"],
  ["metrics", "/metrics", ".metric-card .sparkline"],
  ["metric", "/metrics?metric=http.server.request.duration&groupBy=http.route", ".uplot canvas"],
  ["heatmap", "/metrics?metric=http.server.request.duration&function=heatmap", ".heat-cell"],
  ["senders", "/senders", "table.table tbody tr"],
];

const widths: readonly [number, number][] = [
  [1920, 1080],
  [1280, 800],
  [390, 844],
];

/** Registers the tests of every page. */
export function testPages(visits: Visits<Target>): void {
  if (takesPictures) mkdirSync(screens, { recursive: true });
  let trace: Promise<string> | undefined;
  it.each(pages)("%s", async (name, address, ready) => {
    trace ??= findTrace(visits.target.url);
    const page = await visits.visit(typeof address === "string" ? address : address(await trace));
    await page.locator(ready).first().waitFor();
    // Without live nothing is asked anew: on a busy machine a page of many questions would never come to rest.
    await page.keyboard.press(".");
    await atRest(page);
    expect(await axeViolations(page), "light").toEqual([]);
    if (takesPictures) await page.keyboard.press(".");
    for (const theme of takesPictures ? (["dark", "light"] as const) : []) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForTimeout(300);
      await page.screenshot({ path: path.join(screens, `${name}-${theme}.png`) });
    }
    for (const [width, height] of widths) {
      await page.setViewportSize({ width, height });
      await expect
        .poll(() => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth"), {
          message: `wider than ${width}`,
        })
        .toBeLessThanOrEqual(0);
    }
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await axeViolations(page), "dark, on a phone").toEqual([]);
  });
}
