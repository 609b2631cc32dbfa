/** What the browser must load: the first page at most 250 KB, everything at most 900 KB, gzipped. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { startBuiltFixture } from "./target.ts";
import { visitsTo } from "./visits.ts";

const visits = visitsTo(startBuiltFixture);

const zipped = (name: string): number =>
  gzipSync(readFileSync(path.join(visits.target.root, "assets", name))).length;

it("keeps to its budget", async () => {
  const page = await visits.visit("/services");
  await page.locator("table.table tbody tr").first().waitFor();
  const addresses = await page.evaluate<string[]>(
    `performance.getEntriesByType("resource").map((entry) => entry.name)`,
  );
  const loaded = new Set(addresses.flatMap((address) => /\/assets\/(.+)$/.exec(address)?.[1] ?? []));
  expect(loaded.size).toBeGreaterThan(1);
  const first = [...loaded].reduce((sum, name) => sum + zipped(name), 0);
  const all = readdirSync(path.join(visits.target.root, "assets")).reduce(
    (sum, name) => sum + zipped(name),
    0,
  );
  console.log(`first page ${(first / 1024).toFixed(0)} KB, all ${(all / 1024).toFixed(0)} KB, gzipped`);
  expect(first).toBeLessThanOrEqual(250 * 1024);
  expect(all).toBeLessThanOrEqual(900 * 1024);
});
