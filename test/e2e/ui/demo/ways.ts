/** The ways between the pages over the running demo, by mouse and by keys alone. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { atRest } from "./at-rest.ts";
import { focusOn } from "../browser.ts";
import type { Target, Visits } from "../visits.ts";

/** A point of a chart over the last 15 minutes: where 20 s ago is, of which all spans have come. */
async function lately(page: Page, section: string): Promise<{ x: number; y: number }> {
  const surface = page.getByRole("region", { name: section }).locator(".chart-surface");
  await surface.waitFor();
  const box = await surface.boundingBox();
  if (box === null) throw new Error(`the chart of ${section} has no place on the page`);
  return { x: box.x + box.width * (1 - 20 / 900), y: box.y + box.height / 2 };
}

/** Tab until the element in focus satisfies. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 150; i++) {
    if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

const ready: Readonly<Record<string, string>> = {
  s: ".services-table tbody tr",
  p: ".graph-node",
  t: ".trace-row[data-row]",
  l: ".log-line",
  m: ".metric-card",
  n: ".senders-table tbody tr",
};

/** Registers the tests of the ways between pages. */
export function testWays(visits: Visits<Target>): void {
  it("leads from a point of a chart to a typical trace, its span, the span's logs, and back to the service", async () => {
    // Of calls that are logged: the shop logs neither its health checks nor its assets.
    const operation = encodeURIComponent("GET /products/:sku");
    const traces = `/traces?service=storefront&spans=entry&operation=${operation}`;
    const page = await visits.visit(traces);
    const trace = /\/trace\?id=[0-9a-f]{32}&span=[0-9a-f]{16}/;
    // Until the shop has run for long enough, a step may hold none: that leads to the list, which says so.
    for (let tries = 0; tries < 20 && !trace.test(page.url()); tries++) {
      if (tries > 0) await page.goto(traces);
      await page.locator(".trace-row[data-row]").first().waitFor();
      const point = await lately(page, "Rate");
      await page.mouse.move(point.x, point.y);
      await page.getByText("Click shows a typical trace").waitFor();
      await page.mouse.click(point.x, point.y);
      await page.waitForURL(/\/trace\?|from=\d{13}/);
      if (!trace.test(page.url())) await page.waitForTimeout(3000);
    }
    expect(page.url()).toMatch(trace);
    await page.locator(".span-row.is-selected").waitFor();
    const address = page.url();
    await page.getByRole("link", { name: "Logs of this span" }).click();
    await page.getByText("Logs of one span, whatever the window").waitFor();
    await page.getByRole("link", { name: "Back to the trace" }).click();
    await page.waitForURL(address);
    await page.getByRole("radio", { name: "Logs" }).click();
    await page.locator(".log-line").first().waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Go to or do" }).fill("storefront");
    await page.getByRole("option", { name: /^Service storefront/ }).click();
    await page.waitForURL(/\/service\?name=storefront/);
    await page
      .getByRole("region", { name: "Latency" })
      .getByRole("group", { name: /^Durations of requests/ })
      .waitFor();
  });

  it("leads to the same by keys alone, and zooms in on a selection of them", async () => {
    const page = await visits.visit("/services");
    await page.locator(ready.s!).first().waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.locator(ready.t!).first().waitFor();
    await page.locator('[aria-label="Rate"] svg[role="group"]').waitFor();
    await tabTo(page, '[aria-label="Rate"] svg[role="group"]');
    await page.keyboard.press("End");
    await page.getByText("Click shows a typical trace").waitFor();
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    await page.goBack();
    await page.waitForURL(/\/traces$/);
    await page.locator('[aria-label="Duration"] svg[role="group"]').waitFor();
    await tabTo(page, '[aria-label="Duration"] svg[role="group"]');
    await page.keyboard.press("End");
    for (let row = 0; row < 3; row++) await page.keyboard.press("Shift+ArrowUp");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    await page.waitForURL(/selFrom=\d{13}&selTo=\d{13}&selMin=/);
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.waitForURL(/\/traces$/);
    await page.locator('[aria-label="Errors"] svg[role="group"]').waitFor();
    await tabTo(page, '[aria-label="Errors"] svg[role="group"]');
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    // A step without a failure leads to the list, which says so.
    await page.waitForURL(/\/trace\?id=[0-9a-f]{32}&span=|\/traces\?.*status=Error/);
  });

  it("leads from every page to every other by two keys, and back", async () => {
    const page = await visits.visit("/services");
    for (const [key, selector] of Object.entries(ready)) {
      await page.locator(selector).first().waitFor();
      for (const other of Object.keys(ready).filter((one) => one !== key)) {
        const before = page.url();
        await page.keyboard.press("g");
        await page.keyboard.press(other);
        await page.waitForURL((url) => url.href !== before);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.goBack();
        await page.waitForURL(before);
      }
      const next = Object.keys(ready)[Object.keys(ready).indexOf(key) + 1];
      if (next === undefined) break;
      await page.keyboard.press("g");
      await page.keyboard.press(next);
    }
  });

  it.each<[string, string, (page: Page) => Promise<void>]>([
    [
      "an edge of the map to its calls",
      "/map",
      async (page) => {
        await focusOn(page.getByRole("button", { name: /\(storefront calls reviews\)/ }));
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/traces\?/);
        await page.locator(".trace-row[data-row]").first().waitFor();
      },
    ],
    [
      "an exception to its latest trace",
      "/traces?tab=exceptions",
      async (page) => {
        await page.locator(".exception").first().getByRole("link", { name: "Latest trace" }).click();
        await page.locator(".span-row").first().waitFor();
      },
    ],
    [
      "a metric's card to an exemplar's trace",
      "/metrics?text=http.server.request.duration",
      async (page) => {
        await page.locator(".metric-card").first().click();
        await page.waitForURL(/metric=http\.server\.request\.duration/);
        await page.getByRole("region", { name: "Exemplars" }).getByRole("link").first().click();
        await page.waitForURL(/\/trace\?id=/);
        await page.locator(".span-row.is-selected").waitFor();
      },
    ],
    [
      "a pattern of logs to a line's trace",
      "/logs?view=patterns",
      async (page) => {
        const row = page.locator("tr", { hasText: "request served" });
        await row.getByText("info", { exact: true }).waitFor();
        await row.getByRole("button", { name: "Lines" }).click();
        await page.locator(".log-line").first().click();
        await page.getByRole("link", { name: "Open its trace" }).click();
        await page.locator(".span-row").first().waitFor();
      },
    ],
    [
      "a sender to its service, and on to its runtime",
      "/senders",
      async (page) => {
        await page.getByRole("link", { name: "storefront" }).click();
        await page.waitForURL(/\/service\?name=storefront/);
        await page.locator(".metric-card", { hasText: "v8js.memory" }).first().click();
        await page.waitForURL(/metric=v8js\.memory/);
      },
    ],
  ])("leads from %s", async (_, address, walk) => {
    const page = await visits.visit(address);
    await walk(page);
  });

  it("moves nothing that is already read while the rest comes", async () => {
    const page = await visits.visit("/senders");
    for (const address of ["/services", "/traces", "/logs", "/metrics", "/service?name=storefront"]) {
      await page.goto(address);
      // Shifts of layout that no key or click brought about, as the browser itself weighs them.
      await page.evaluate(
        `window.shifted = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value; }).observe({ type: "layout-shift", buffered: true })`,
      );
      await page.locator("table, .trace-row, .log-line, .metric-card").first().waitFor();
      if (address === "/services") await page.keyboard.press("."); // live off, so that every page comes to rest
      await atRest(page);
      // 0.1 is what web.dev calls good.
      expect(await page.evaluate<number>("window.shifted"), address).toBeLessThanOrEqual(0.1);
    }
  });
}
