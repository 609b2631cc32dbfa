/** What the browser must load: the first page at most 250 KB, everything at most 900 KB, gzipped. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, openPage } from "./browser.ts";
import { startBuiltFixture, type BuiltFixture } from "./target.ts";

let fixture: BuiltFixture;
let browser: Browser;

beforeAll(async () => {
  fixture = await startBuiltFixture();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await fixture?.close();
});

const zipped = (name: string): number =>
  gzipSync(readFileSync(path.join(fixture.root, "assets", name))).length;

it("keeps to its budget", async () => {
  const { page, context } = await openPage(browser, fixture.url);
  const loaded = new Set<string>();
  page.on("request", (request) => {
    const found = /\/assets\/(.+)$/.exec(request.url());
    if (found?.[1] !== undefined) loaded.add(found[1]);
  });
  await page.goto("/services");
  await page.locator("table.table tbody tr").first().waitFor();
  const first = [...loaded].reduce((sum, name) => sum + zipped(name), 0);
  const all = readdirSync(path.join(fixture.root, "assets")).reduce((sum, name) => sum + zipped(name), 0);
  console.log(`first page ${(first / 1024).toFixed(0)} KB, all ${(all / 1024).toFixed(0)} KB, gzipped`);
  expect(first).toBeLessThanOrEqual(250 * 1024);
  expect(all).toBeLessThanOrEqual(900 * 1024);
  await context.close();
});
