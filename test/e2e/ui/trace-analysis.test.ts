/** What the Traces page says of many spans and the Trace page of one trace: by mouse and by keyboard, all of it in the address. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Page as ListPage, TraceSummary } from "../../../src/api/explore/wire.ts";
import { startBuiltFixture } from "./target.ts";
import { focusOn } from "./browser.ts";
import { visitsTo } from "./visits.ts";

const visits = visitsTo(startBuiltFixture);

/** Ids of the checkouts, whose six alike statements make a run; the newest first. */
async function checkouts(): Promise<readonly string[]> {
  const found = (await (
    await fetch(`${visits.target.url}/api/traces?from=now-15m&to=now&operation=POST%20/checkout`)
  ).json()) as ListPage<TraceSummary>;
  return found.items.map((trace) => trace.traceId);
}

async function dragOver(page: Page, selector: string): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} has no place on the page`);
  await page.mouse.move(box.x + box.width * 0.3, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.6, { steps: 4 });
  await page.mouse.up();
}

describe("traces", () => {
  it("leads from a selection on the heat map to its traces, to what is different in them, and to a filter", async () => {
    const page = await visits.visit("/traces");
    await page.locator(".trace-row[data-row]").first().waitFor();
    await dragOver(page, ".heat-surface");
    await page.waitForURL(/selFrom=\d{13}&selTo=\d{13}&selMin=[^&]+&selMax=/);
    await page.getByText("Selected").waitFor();
    await page.locator(".heat-selected").waitFor();
    await page.locator(".trace-row[data-row]").first().waitFor();
    await page.getByRole("button", { name: "Compare with the rest" }).click();
    await page.locator(".difference").first().waitFor();
    await page.getByRole("button", { name: "Make it the filter" }).click();
    await page.waitForURL((url) => url.searchParams.has("min") && !url.searchParams.has("selMin"));
    await page.getByText("Nothing is selected to compare").waitFor();
    await page.goBack();
    await page.locator(".difference").first().waitFor();
  });

  it("selects without a mouse, and undoes it", async () => {
    const page = await visits.visit("/traces?tab=comparison");
    await focusOn(page.getByRole("button", { name: "the failed" }));
    await page.keyboard.press("Enter");
    await page.waitForURL(/selStatus=Error/);
    await page.getByRole("region", { name: "span.http.response.status_code" }).getByText("503").waitFor();
    await focusOn(page.getByRole("button", { name: "Remove selection" }));
    await page.keyboard.press("Enter");
    await page.getByText("Nothing is selected to compare").waitFor();
  });

  it("breaks spans down by any attribute, and makes a filter of a value", async () => {
    const page = await visits.visit("/traces?tab=breakdown");
    await page.locator(".breakdown tbody tr", { hasText: "inventory" }).waitFor();
    await page.getByLabel("By", { exact: true }).fill("span.http.route");
    await page.getByLabel("By", { exact: true }).press("Enter");
    await page.waitForURL(/by=span\.http\.route/);
    const row = page.locator(".breakdown tbody tr", { hasText: "/checkout" });
    await row.getByRole("button", { name: "Only with span.http.route /checkout" }).click();
    await page.waitForURL(/attr=span\.http\.route%3D\/checkout/);
    await expect.poll(() => page.locator(".breakdown tbody tr").count()).toBe(1);
    // The chip is a field when it is clicked: a change of it is a change of the filter.
    await page.getByTitle("Change span.http.route=/checkout").click();
    await page.getByLabel("Change filter span.http.route=/checkout").fill("span.http.route=/orders");
    await page.keyboard.press("Enter");
    await page.waitForURL(/attr=span\.http\.route%3D\/orders/);
    await page.locator(".breakdown tbody tr", { hasText: "/orders" }).waitFor();
  });

  it("walks and folds the merged calls by keyboard, and opens the slowest trace", async () => {
    const page = await visits.visit("/traces?tab=structure");
    const row = (at: number): ReturnType<Page["locator"]> => page.locator(`.call-row[data-row="${at}"]`);
    await row(1).waitFor();
    await focusOn(row(0));
    const rows = page.getByRole("treegrid", { name: "Merged calls" });
    const all = Number(await rows.getAttribute("aria-rowcount"));
    await page.keyboard.press("ArrowLeft");
    await expect.poll(async () => Number(await rows.getAttribute("aria-rowcount"))).toBeLessThan(all);
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => Number(await rows.getAttribute("aria-rowcount"))).toBe(all);
    await page.keyboard.press("ArrowRight");
    await page.locator('.call-row[data-row="1"]:focus').waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/trace\?id=[0-9a-f]{32}&span=[0-9a-f]{16}/);
    await page.locator(".span-row.is-selected").waitFor();
  });

  it("counts exceptions and finds the traces with them", async () => {
    const page = await visits.visit("/traces?tab=exceptions");
    const first = page.locator(".exception").first();
    await first.getByText("OutOfStock").waitFor();
    await first.getByRole("button", { name: "Stack trace" }).click();
    await first.getByText("/shop/src/stock.js").waitFor();
    await first.getByRole("link", { name: "Traces with it" }).click();
    await page.waitForURL(/attr=event\.exception\.type%3DOutOfStock/);
    await page.locator(".trace-row[data-row] .badge-error").first().waitFor();
  });

  it("lists the fields of the user's choice", async () => {
    const page = await visits.visit("/traces?operation=SELECT%20stock");
    await page.locator(".trace-row[data-row]").first().waitFor();
    await page.getByLabel("Add column").fill("db.query.text");
    await page.keyboard.press("Enter");
    await page.waitForURL(/col=db\.query\.text/);
    await page.locator(".column-cell", { hasText: "SELECT stock WHERE sku" }).first().waitFor();
    await page.getByRole("button", { name: "Remove column db.query.text" }).click();
    await page.waitForURL((url) => !url.searchParams.has("col"));
  });
});

describe("trace", () => {
  it("folds alike siblings, opens them by key, and for a match within", async () => {
    const [id = ""] = await checkouts();
    const page = await visits.visit(`/trace?id=${id}`);
    const run = page.locator(".span-row", { hasText: "6 ×" });
    const rows = page.getByRole("treegrid", { name: "Spans" });
    await run.waitFor();
    const folded = Number(await rows.getAttribute("aria-rowcount"));
    await focusOn(run);
    await page.keyboard.press("f");
    await expect.poll(async () => Number(await rows.getAttribute("aria-rowcount"))).toBe(folded + 5);
    await page.keyboard.press("f");
    await expect.poll(async () => Number(await rows.getAttribute("aria-rowcount"))).toBe(folded);
    await page.keyboard.press("/");
    await page.keyboard.type("stock");
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.keyboard.press("n");
    await expect.poll(async () => Number(await rows.getAttribute("aria-rowcount"))).toBe(folded + 5);
    await page.locator(".span-row.is-selected.is-match").waitFor();
    await page.keyboard.press("F");
    await page.waitForURL(/fold=off/);
  });

  it("colours by an attribute, says what the critical path took, and shows OTLP", async () => {
    const [id = ""] = await checkouts();
    const page = await visits.visit(`/trace?id=${id}&colour=span.db.operation.name`);
    const legend = page.getByRole("list", { name: "Colours by span.db.operation.name" });
    await legend.getByText("SELECT").waitFor();
    await page.locator(".span-row", { hasText: "POST /charge" }).click();
    const panel = page.getByRole("complementary", { name: "Span" });
    await panel.getByText("on the critical path").waitFor();
    await panel.getByRole("button", { name: "OTLP JSON" }).click();
    await panel.getByLabel("OTLP JSON of the span").getByText('"resourceSpans"').waitFor();
    await panel.getByRole("button", { name: "Metrics around it" }).click();
    await panel.locator(".metric-around canvas").first().waitFor();
    await page.keyboard.press("c");
    await page.waitForURL(/critical=off/);
  });

  it("walks the flame graph by keyboard to a span", async () => {
    const [id = ""] = await checkouts();
    const page = await visits.visit(`/trace?id=${id}&view=flame`);
    const graph = page.getByRole("group", { name: /^Flame graph/ });
    await focusOn(graph);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.locator(".flame-words", { hasText: "payments POST /charge" }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("o");
    await page.waitForURL((url) => url.searchParams.get("view") === null && url.searchParams.has("span"));
    await page.locator(".span-row.is-selected", { hasText: "POST /charge" }).waitFor();
  });

  it("gives statistics, whose rows find their spans", async () => {
    const [id = ""] = await checkouts();
    const page = await visits.visit(`/trace?id=${id}&view=statistics`);
    const row = page.locator(".statistics tbody tr", { hasText: "SELECT stock" });
    expect(await row.locator("td").first().textContent()).toBe("6");
    await row.getByRole("button", { name: "SELECT stock" }).click();
    await page.waitForURL(/text=inventory\+SELECT\+stock/);
    await expect.poll(() => page.locator(".trace-tools").getByRole("status").textContent()).toBe("6");
  });

  it("compares with a trace that begins alike", async () => {
    const [id = ""] = await checkouts();
    const page = await visits.visit(`/trace?id=${id}&view=compare`);
    await page.locator(".compare-list button").first().click();
    await page.waitForURL(/with=[0-9a-f]{32}/);
    await page.locator(".statistics tbody tr", { hasText: "POST /charge" }).waitFor();
    await page.reload();
    await page.locator(".statistics tbody tr", { hasText: "POST /charge" }).waitFor();
  });

  it("draws who called whom, and finds a service's spans from there", async () => {
    const [id = ""] = await checkouts();
    const page = await visits.visit(`/trace?id=${id}`);
    await page.getByRole("radio", { name: "Calls" }).click();
    await page.waitForURL(/view=graph/);
    await page.getByRole("button", { name: /^storefront \d+ spans?, / }).waitFor();
    await page
      .getByRole("button", { name: /\(storefront calls / })
      .first()
      .click();
    await page.waitForURL((url) => !url.searchParams.has("view") && url.searchParams.get("text") !== null);
    await page.getByRole("status").filter({ hasText: /\d/ }).waitFor();
  });
});
