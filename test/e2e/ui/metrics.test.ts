/** The Metrics page: what is drawn of one metric, and the ways from there. */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { startBuiltFixture } from "./target.ts";
import { visitsTo } from "./visits.ts";

const visits = visitsTo(startBuiltFixture);

it("shows three percentiles of a histogram on its card and on its page", async () => {
  const page = await visits.visit("/metrics?text=http.server.request.duration");
  const card = page.getByRole("link", { name: /^http\.server\.request\.duration/ });
  for (const percentile of ["p50", "p95", "p99"]) await card.getByText(percentile, { exact: true }).waitFor();
  await expect.poll(() => card.locator(".sparkline").count()).toBe(3);
  await card.click();
  await expect
    .poll(() => page.locator(".metric-chart + .table-card tbody th").allTextContents())
    .toEqual(["p99", "p95", "p50"]);
});

it("draws heat maps on the cards of histograms by choice, and the metric's page opens with the same", async () => {
  const page = await visits.visit("/metrics?text=http.server.request.duration");
  await page.getByRole("radio", { name: "Heat maps" }).click();
  await page.waitForURL(/histograms=heatmaps/);
  const card = page.getByRole("link", { name: /^http\.server\.request\.duration/ });
  await card.locator(".heat-cell").first().waitFor();
  await card.getByText("p95", { exact: true }).waitFor();
  await card.click();
  await page.waitForURL(/function=heatmap/);
  await page.getByRole("figure", { name: "http.server.request.duration, heat map" }).waitFor();
});

it("draws all buckets of a histogram, zooms into them and hands them over, with what is related below", async () => {
  const page = await visits.visit("/metrics?metric=http.server.request.duration");
  await page.getByRole("radio", { name: "Heat map" }).click();
  await page.waitForURL(/function=heatmap/);
  const title = "http.server.request.duration, heat map";
  const figure = page.getByRole("figure", { name: title });
  await figure.locator(".heat-cell").first().waitFor();
  await figure.getByText("500 ms").waitFor();
  await figure.getByRole("button", { name: `Show data of ${title}` }).click();
  await figure
    .getByRole("row", { name: /5.00 ms 10.0 ms \d+/ })
    .first()
    .waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    figure.getByRole("button", { name: `CSV of ${title}` }).click(),
  ]);
  expect((await readFile(await download.path(), "utf8")).split("\r\n")[0]).toBe(
    "Time,Above,Up to,Observations",
  );
  await figure.getByRole("button", { name: `Hide data of ${title}` }).click();
  await page
    .getByRole("region", { name: "Related metrics" })
    .getByText("http.client.request.duration")
    .waitFor();
  const box = await figure.locator(".heat-surface").boundingBox();
  if (box === null) throw new Error("the heat map has no place on the page");
  await page.mouse.move(box.x + box.width * 0.4, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=\d{13}&to=\d{13}/);
});
