/** Ways through the pages, by mouse and by keyboard only, over the fixture server. */
import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { axeViolations } from "./axe.ts";
import { startBuiltFixture } from "./target.ts";
import { focusOn } from "./browser.ts";
import { visitsTo } from "./visits.ts";

const visits = visitsTo(startBuiltFixture);

afterEach(() => visits.target.setMood("full"));

describe("by mouse", () => {
  it("leads from a service to its traces, a span, its logs, and back to the span", async () => {
    const page = await visits.visit("/");
    await page.getByRole("link", { name: "Traces of storefront" }).click();
    await page.waitForURL(/\/traces\?service=storefront$/);
    await page.locator('.trace-row[data-row="0"]').click();
    await page.waitForURL(/\/trace\?id=[0-9a-f]{32}$/);
    await page.locator(".span-row", { hasText: "inventory" }).first().click();
    await page.waitForURL(/span=[0-9a-f]{16}/);
    const address = page.url();
    await page.getByRole("link", { name: "Logs of this span" }).click();
    await page.getByText("Logs of one span, whatever the window").waitFor();
    await page.getByRole("link", { name: "Back to the trace" }).click();
    await page.locator(".span-row.is-selected").waitFor();
    expect(page.url()).toBe(address);
    await page.goBack();
    await page.waitForURL(/\/logs/);
  });

  it("leads from a service to what it calls, and to the map around it", async () => {
    const page = await visits.visit("/services");
    await page.locator("tr", { hasText: "storefront" }).first().getByText("by otelier").waitFor();
    await page.getByRole("link", { name: "storefront shop" }).click();
    await page.waitForURL(/\/service\?name=storefront$/);
    await page.getByRole("region", { name: "Dependencies" }).getByRole("link", { name: "inventory" }).click();
    await page.getByRole("heading", { name: "inventory" }).waitFor();
    await page.getByRole("link", { name: "Map", exact: true }).last().click();
    await page.waitForURL(/\/map\?service=inventory$/);
    await page.locator('.graph-node[aria-pressed="true"]', { hasText: "inventory" }).waitFor();
    await page.getByRole("radio", { name: "Namespaces" }).click();
    await page.locator(".graph-node", { hasText: "shop" }).waitFor();
  });

  it("leads from a service's durations and exceptions to their traces", async () => {
    const page = await visits.visit("/service?name=storefront");
    // What stands above it has come, so its place stays.
    await page.getByRole("region", { name: "Dependencies" }).getByRole("link").first().waitFor();
    const surface = page.getByRole("region", { name: "Latency" }).locator(".heat-surface");
    const box = await surface.boundingBox();
    if (box === null) throw new Error("the heat map has no place on the page");
    await page.mouse.move(box.x + box.width * 0.2, box.y + 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height - 4, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/\/traces\?service=storefront&spans=entry&selFrom=\d+/);
    await page.locator(".trace-row[data-row]").first().waitFor();
    await page.goBack();
    const exceptions = page.getByRole("region", { name: "Exceptions" });
    await exceptions.getByRole("link", { name: "Traces with it" }).first().click();
    await page.waitForURL(/\/traces\?service=storefront/);
    await page.locator(".trace-row[data-row]").first().waitFor();
  });

  it("shows all that a service logged beside what it warned of, and keeps the choice in the address", async () => {
    const page = await visits.visit("/service?name=storefront");
    const logs = page.getByRole("region", { name: "Logs" });
    await logs.locator(".log-line").first().waitFor();
    await expect.poll(() => logs.locator(".log-line", { hasText: "INFO" }).count()).toBe(0);
    await logs.getByRole("radio", { name: "All" }).click();
    await page.waitForURL(/logs=all/);
    await logs.locator(".log-line", { hasText: "INFO" }).first().waitFor();
    await logs.getByRole("link", { name: "Open in Logs" }).click();
    await page.waitForURL(/\/logs\?service=storefront$/);
  });

  it("makes a filter of an attribute and takes it back", async () => {
    const page = await visits.visit("/traces");
    await page.locator('.trace-row[data-row="0"] a').click();
    await page.locator(".span-row").first().click();
    const attribute = page.locator(".attribute", { hasText: "http.route" });
    await attribute.hover();
    await attribute.getByRole("button", { name: "Only with this http.route" }).click();
    await page.waitForURL(/\/traces\?attr=span\.http\.route%3D\//);
    await page.getByRole("button", { name: /^Remove filter span\.http\.route=\// }).click();
    await page.waitForURL(/\/traces$/);
  });

  it("zooms by dragging, and Back undoes it", async () => {
    const page = await visits.visit("/logs");
    const plot = page.locator(".volume .chart-surface");
    const box = await plot.boundingBox();
    if (box === null) throw new Error("the histogram has no place on the page");
    await page.mouse.move(box.x + box.width * 0.4, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    await page.goBack();
    await page.waitForURL(/\/logs$/);
    await page.getByRole("button", { name: "Last 15 minutes" }).waitFor();
  });

  it("hands a chart over as a file", async () => {
    const page = await visits.visit("/logs");
    await page.getByRole("button", { name: "Show data of Log records by severity" }).click();
    for (const [format, begin] of [
      ["CSV", "Time,"],
      ["JSON", "[\n  {\n"],
      ["PNG", "\u0089PNG"],
      ["SVG", "<svg "],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: `${format} of Log records by severity` }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`log-records-by-severity.${format.toLowerCase()}`);
      const file = await readFile(await download.path(), "latin1");
      expect(file.startsWith(begin), format).toBe(true);
    }
  });

  it("keeps a view on the server, opens it, removes it and takes that back", async () => {
    const page = await visits.visit("/logs?severity=warn&from=now-1h");
    await page.locator(".log-line").first().waitFor();
    await page.keyboard.press("v");
    await page.getByLabel("Save this page as").fill("Warnings of the hour");
    await page.keyboard.press("Enter");
    const saved = page.getByRole("button", { name: "Warnings of the hour", exact: true });
    await saved.waitFor();
    expect(await axeViolations(page, ["region"])).toEqual([]);
    await page.getByRole("button", { name: "Remove view Warnings of the hour" }).click();
    await page.getByText("None yet").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await saved.waitFor();
    await page.goto("/services");
    await page.locator("table.table tbody tr").first().waitFor();
    await page.keyboard.press("v");
    await saved.click();
    await page.waitForURL((url) => url.pathname === "/logs" && url.search === "?severity=warn&from=now-1h");
  });

  it("says what was refused, of whom and why", async () => {
    const page = await visits.visit("/senders");
    const losses = page.getByRole("table", { name: "Losses by place and reason" });
    await losses.getByRole("row", { name: "refused receiver otlp traces malformed 3 items" }).waitFor();
    const ofSenders = page.getByRole("table", { name: "Refused by sender and reason" });
    await ofSenders.getByRole("row", { name: "inventory gRPC to 4317 malformed 1 3" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it("restores a page from its address alone", async () => {
    const address = "/logs?service=inventory&severity=warn&text=reserve&order=oldest&from=now-1h";
    const page = await visits.visit(address);
    await page.locator(".log-line").first().waitFor();
    expect(await page.getByLabel("Text", { exact: true }).inputValue()).toBe("reserve");
    expect(await page.getByRole("radio", { name: "Oldest" }).getAttribute("aria-checked")).toBe("true");
    await page.getByRole("button", { name: /inventory.*Service/ }).waitFor();
    await page.getByRole("button", { name: "Last hour" }).waitFor();
    expect(page.url()).toBe(visits.target.url + address);
  });

  it("leads from a pattern of logs to its lines, a line to those around it, and from a field to a filter", async () => {
    const page = await visits.visit("/logs?view=patterns");
    const row = page.locator("tr", { hasText: "could not reserve" });
    await row.getByRole("button", { name: "Lines" }).click();
    await page.waitForURL(/text=could\+?(%20)?not/);
    await page.locator(".log-line").first().click();
    await page.getByRole("button", { name: "Lines around it" }).click();
    await page.locator(".log-context-line.is-this", { hasText: "could not reserve" }).waitFor();
    await expect.poll(() => page.locator(".log-context-line").count()).toBeGreaterThan(1);
    await page.getByRole("radio", { name: "Fields" }).click();
    const field = page.getByRole("region", { name: "http.route" });
    await field.getByRole("button", { name: "Only http.route /checkout" }).click();
    await page.getByRole("button", { name: "Remove filter log.http.route=/checkout" }).waitFor();
  });

  it("shows lines that repeat once with their number, and chosen attributes in each line", async () => {
    const page = await visits.visit("/logs?service=inventory&text=catalogue");
    const lines = page.locator(".log-line");
    await lines.nth(1).waitFor();
    await page.getByRole("button", { name: /Repeats/ }).click();
    await page.getByRole("option", { name: "Same text once" }).click();
    await page.waitForURL(/repeats=exact/);
    await expect.poll(() => lines.count()).toBe(1);
    expect(await lines.first().locator(".log-count").textContent()).toMatch(/^\d{2,}×$/);
    await lines.first().click();
    await page.getByRole("button", { name: "Show duration_ms in lines" }).click();
    await page.waitForURL(/col=duration_ms/);
    await expect
      .poll(() => lines.first().locator(".log-attributes").textContent())
      .toMatch(/^duration_ms=\d+$/);
    const chips = page.getByRole("list", { name: "Attributes in lines" });
    await chips.getByRole("button", { name: "Take duration_ms out of lines" }).click();
    await expect.poll(() => lines.first().locator(".log-attributes").textContent()).toContain("http.route=");
  });

  it("follows the lines that come, holds them still while one scrolls up, and goes on", async () => {
    const page = await visits.visit("/logs?view=tail");
    const list = page.locator(".log-list");
    const last = page.locator(".log-place").last();
    await last.waitFor();
    visits.target.writeLogs(3000);
    await last.getByText("line 3000", { exact: false }).waitFor();
    expect(await page.locator(".log-place").count()).toBeLessThan(100);
    await list.hover();
    await page.mouse.wheel(0, -2000);
    const more = page.getByRole("button", { name: /new lines?$/ });
    await page.getByText("Held: the last").waitFor();
    // A wheel rolls on for some frames.
    await page.evaluate(`(async () => {
      const list = document.querySelector(".log-list");
      for (let top = -1; top !== list.scrollTop;) {
        top = list.scrollTop;
        for (let count = 0; count < 5; count++) await new Promise(requestAnimationFrame);
      }
    })()`);
    const stays = await page.locator(".log-place").first().textContent();
    visits.target.writeLogs(250);
    await more.getByText("250 new lines").waitFor();
    expect(await page.locator(".log-place").first().textContent()).toBe(stays);
    expect(await axeViolations(page)).toEqual([]);
    await more.click();
    await last.getByText("line 3250", { exact: false }).waitFor();
    // Memory is bounded: the oldest make place.
    for (let total = 3250 + 3000; total <= 3250 + 9000; total += 3000) {
      visits.target.writeLogs(3000);
      await last.getByText(`line ${total}`, { exact: false }).waitFor();
    }
    expect(await last.getAttribute("aria-setsize")).toBe("10000");
    // More at once than one answer holds: it goes on with the newest, and says so.
    visits.target.writeLogs(6000);
    await last.getByText("line 18250", { exact: false }).waitFor();
    await page.getByText("came too fast to show").waitFor();
  });

  it("loads more logs while scrolling, until all are there", async () => {
    const page = await visits.visit("/logs?severity=warn");
    await page.locator(".log-line").first().waitFor();
    const list = page.locator(".log-list");
    await expect
      .poll(async () => {
        await list.evaluate((element) => (element.scrollTop = element.scrollHeight));
        return page.locator(".cut-note").textContent();
      })
      .toContain("all there are");
  });
});

describe("by keyboard only", () => {
  it("goes from services to a failed span's stack trace", async () => {
    const page = await visits.visit("/services");
    await page.locator("table.table tbody tr").first().waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("heading", { name: "Traces" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("checkout");
    await page.keyboard.press("Enter");
    await page.waitForURL(/text=checkout/);
    await page.locator(".trace-row[data-row]").first().waitFor();
    // Tab leads into the grid, whose rows then go by arrows.
    for (let i = 0; i < 30 && (await page.evaluate("document.activeElement.dataset.row")) === undefined; i++)
      await page.keyboard.press("Tab");
    for (let i = 0; i < 200; i++) {
      const errors = await page.locator(".trace-row:focus .badge-error").count();
      if (errors > 0) break;
      await page.keyboard.press("j");
    }
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/trace\?/);
    await page.locator(".span-row").first().waitFor();
    await page.keyboard.press("e");
    await page.getByLabel("Stack trace", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".span-panel").waitFor({ state: "detached" });
  });

  it("walks, folds and searches the waterfall", async () => {
    const page = await visits.visit("/traces?order=slowest");
    await page.locator('.trace-row[data-row="0"] a').click();
    await page.locator(".span-row").first().waitFor();
    await focusOn(page.locator(".span-row").first());
    const rows = (): Promise<number> => page.locator(".span-row").count();
    const all = await rows();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(rows).toBe(1);
    await page.keyboard.press("ArrowRight");
    await expect.poll(rows).toBe(all);
    await page.keyboard.press("ArrowDown");
    expect(await page.locator(".span-row:focus").getAttribute("aria-level")).toBe("2");
    await page.keyboard.press("/");
    await page.keyboard.type("select");
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.locator(".span-row.is-selected.is-match").waitFor();
    await page.keyboard.press("[");
    await expect.poll(rows).toBeLessThan(all);
    // Everything: also the six alike statements that were one row at first.
    await page.keyboard.press("]");
    await expect.poll(rows).toBe(all + 5);
  });

  it("finds a service, and a trace by its id, in the palette", async () => {
    const page = await visits.visit("/services");
    await page.locator("table.table tbody tr").first().waitFor();
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Go to or do" });
    await field.waitFor();
    await page.keyboard.type("inventory");
    await page.getByRole("option", { name: "Service inventory shop", selected: true }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/service\?name=inventory$/);
    await field.waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await field.waitFor();
    await page.keyboard.type(visits.target.largeTraceId);
    await page.getByRole("option", { name: `Trace ${visits.target.largeTraceId}`, selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`/trace\\?id=${visits.target.largeTraceId}`));
  });

  it("shows the keys, and gives the focus back", async () => {
    const page = await visits.visit("/services");
    await page.locator("table.table tbody tr").first().waitFor();
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Copy a link with absolute times").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("t");
    await page.getByRole("dialog", { name: "Window of time" }).waitFor();
    // React Aria keeps an off-screen button to dismiss the popover beside the dialog, outside of any landmark.
    expect(await axeViolations(page, ["region"])).toEqual([]);
  });
});

describe("moods of the server", () => {
  it("turns the first-run page into data when the first item arrives", async () => {
    visits.target.setMood("empty");
    const page = await visits.visit("/");
    await page.getByText("Send the first telemetry").waitFor();
    await page.getByText("Waiting for the first item").waitFor();
    await page.getByRole("radio", { name: "Python" }).click();
    await page.getByText("export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    visits.target.setMood("full");
    visits.target.push();
    await page.locator("table.table tbody tr").first().waitFor();
    await page.getByText("the first telemetry is here").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("link", { name: "Open its trace" }).click();
    await page.waitForURL(/\/trace\?id=[0-9a-f]{32}&span=/);
    await page.locator(".span-row.is-selected").waitFor();
  });

  it.each(["/services", "/service?name=storefront", "/map", "/traces", "/logs", "/metrics", "/senders"])(
    "says on %s what the server says when it fails, and asks again",
    async (address) => {
      visits.target.setMood("failing");
      const page = await visits.visit(address, { tolerates: /status of 503/ });
      await page.getByText("cannot read: the engine is restarting").first().waitFor();
      await page.getByText("wait a moment; nothing is lost").first().waitFor();
      visits.target.setMood("full");
      await page.getByRole("button", { name: "Ask again" }).first().click();
      await page
        .locator("table.table tbody tr, .trace-row[data-row], .log-line, .metric-card, .graph-node")
        .first()
        .waitFor();
    },
  );

  it("says why nothing is found, and undoes the filter", async () => {
    const page = await visits.visit("/traces?text=nosuchthing");
    await page.getByText("spans exist, but none match").waitFor();
    await page.getByRole("status").getByRole("button", { name: "Clear filters" }).click();
    await page.locator(".trace-row[data-row]").first().waitFor();
  });

  it("says that a trace is gone", async () => {
    const page = await visits.visit(`/trace?id=${"0".repeat(31)}1`);
    await page.getByText(/is not stored/).waitFor();
    await page.getByText(/retention of 7 days/).waitFor();
  });

  it("opens a page that does not exist with a way out", async () => {
    const page = await visits.visit("/nowhere");
    await page.getByRole("link", { name: "Go to Services" }).click();
    await page.waitForURL(/\/services/);
  });
});
