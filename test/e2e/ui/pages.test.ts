/**
 * Every page in both themes: no console error, no axe violation. With OTELIER_URL a running Otelier is looked at instead of the fixture, and
 * with OTELIER_SCREENSHOTS=1 the pictures in docs/screens/ are made.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page, TraceAnswer, TraceSummary } from "../../../src/api/explore/wire.ts";
import { axeViolations } from "./axe.ts";
import { launchBrowser, openPage } from "./browser.ts";
import { startBuiltFixture, type BuiltFixture } from "./target.ts";

const screens = path.resolve(import.meta.dirname, "../../../docs/screens");
let fixture: BuiltFixture | undefined;
let browser: Browser;
let base = process.env.OTELIER_URL ?? "";
let traceAddress = "";

/** A trace worth a picture: of many services, with an error if there is one, the failed span open. */
async function findTrace(): Promise<string> {
  const found = (await (
    await fetch(`${base}/api/traces?from=now-15m&to=now&order=slowest&limit=200`)
  ).json()) as Page<TraceSummary>;
  const [best] = found.items.toSorted(
    (a, b) =>
      b.services.length - a.services.length ||
      Number(b.errorCount > 0) - Number(a.errorCount > 0) ||
      b.spanCount - a.spanCount,
  );
  if (best === undefined) throw new Error("the stack holds no trace of the last 15 minutes");
  const { trace } = (await (await fetch(`${base}/api/traces/${best.traceId}`)).json()) as TraceAnswer;
  const span = trace?.spanIds[Math.max(0, trace.status.lastIndexOf(2))] ?? "";
  return `/trace?id=${best.traceId}&span=${span}`;
}

beforeAll(async () => {
  if (base === "") {
    fixture = await startBuiltFixture();
    base = fixture.url;
  }
  browser = await launchBrowser();
  traceAddress = await findTrace();
  mkdirSync(screens, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await fixture?.close();
});

const pages: readonly [string, () => string, string][] = [
  ["services", () => "/services", "table.table tbody tr"],
  ["service", () => "/service?name=storefront", ".few-link"],
  ["map", () => "/map", ".graph-node"],
  ["traces", () => "/traces?limit=250", ".trace-row[data-row]"],
  ["breakdown", () => "/traces?tab=breakdown&by=name&metric=duration", ".breakdown-chart canvas"],
  ["comparison", () => "/traces?tab=comparison&selStatus=Error", ".difference"],
  ["structure", () => "/traces?tab=structure", ".call-row[data-row]"],
  ["exceptions", () => "/traces?tab=exceptions", ".exception"],
  ["trace", () => traceAddress, ".span-detail"],
  ["flame", () => `${traceAddress}&view=flame`, ".flame-words strong"],
  ["calls", () => `${traceAddress}&view=graph`, ".graph-node"],
  ["statistics", () => `${traceAddress}&view=statistics`, ".statistics tbody tr"],
  [
    "compare",
    () => `${traceAddress}&view=compare&with=${/id=([0-9a-f]+)/.exec(traceAddress)?.[1]}`,
    ".statistics tbody tr",
  ],
  ["links", () => `${traceAddress}&view=links`, ".linked p"],
  ["logs", () => "/logs", ".log-line"],
  ["tail", () => "/logs?view=tail", ".log-line"],
  ["patterns", () => "/logs?view=patterns", ".pattern-template"],
  ["fields", () => "/logs?view=fields", ".field-card"],
  ["metrics", () => "/metrics", ".metric-card .sparkline"],
  ["metric", () => "/metrics?metric=http.server.request.duration&groupBy=http.route", ".uplot canvas"],
  ["heatmap", () => "/metrics?metric=http.server.request.duration&function=heatmap", ".heat-cell"],
  ["senders", () => "/senders", "table.table tbody tr"],
];

describe.each(["light", "dark"] as const)("%s", (theme) => {
  it.each(pages)("%s", async (name, address, ready) => {
    const { page, problems, context } = await openPage(browser, base, { theme });
    await page.goto(address());
    await page.locator(ready).first().waitFor();
    await page.waitForLoadState("networkidle").catch(() => undefined); // the live connection may keep it busy
    await page.waitForTimeout(300);
    if (process.env.OTELIER_SCREENSHOTS === "1")
      await page.screenshot({ path: path.join(screens, `${name}-${theme}.png`) });
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});

it.each([
  [1920, 1080],
  [1280, 800],
  [390, 844],
])("no page is wider than a window of %d x %d", async (width, height) => {
  const { page, context } = await openPage(browser, base, { width, height });
  for (const [name, address, ready] of pages) {
    await page.goto(address());
    await page.locator(ready).first().waitFor({ state: "attached" });
    const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    expect(overflow, name).toBeLessThanOrEqual(0);
  }
  await context.close();
});
