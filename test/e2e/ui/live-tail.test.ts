/** The live tail over a running stack: lines sent by OTLP come into the page, each once and in the order of their time. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { startStack } from "../start/run-stack.ts";
import { visitsTo } from "./visits.ts";

const visits = visitsTo(() => startStack());

interface Line {
  readonly body: string;
  readonly timeNano: bigint;
}

async function send(service: string, lines: readonly Line[]): Promise<void> {
  const response = await fetch(`${visits.target.urls.http}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
          scopeLogs: [
            {
              logRecords: lines.map(({ body, timeNano }) => ({
                timeUnixNano: String(timeNano),
                severityNumber: 9,
                body: { stringValue: body },
              })),
            },
          ],
        },
      ],
    }),
  });
  await response.arrayBuffer();
  expect(response.status).toBe(200);
}

const follow = (service: string): Promise<Page> => visits.visit(`/logs?view=tail&service=${service}`);

const nowNano = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** All lines of the held list, from the first to the last, as one who scrolls sees them. */
async function allLines(page: Page): Promise<readonly string[]> {
  const seen = new Map<number, string>();
  const places = page.locator(".log-place");
  const size = Number(await places.first().getAttribute("aria-setsize"));
  for (let next = 1; next <= size;) {
    // The row after those read comes into sight from wherever the list stands.
    await page.locator(".log-list").evaluate((list, row) => {
      list.scrollTop = (row - 1) * 28;
    }, next);
    await page.locator(`.log-place[aria-posinset="${next}"]`).waitFor();
    for (const [position, text] of await places.evaluateAll((rows) =>
      rows.map((row): [number, string] => [
        Number(row.getAttribute("aria-posinset")),
        row.querySelector(".log-body")?.textContent ?? "",
      ]),
    ))
      seen.set(position, text);
    while (seen.has(next)) next++;
  }
  return Array.from({ length: size }, (_, i) => seen.get(i + 1) ?? "");
}

describe("the lines of a running stack, the newest first", () => {
  it("stay where they are while one is open and newer ones come", async () => {
    const start = nowNano();
    const lines = (first: number, count: number): readonly Line[] =>
      Array.from({ length: count }, (_, i) => ({
        body: `line ${first + i}`,
        timeNano: start + BigInt(first + i) * 1000n,
      }));
    await send("held", lines(0, 60));
    const page = await visits.visit("/logs?service=held");
    const row = page.locator(".log-place", { has: page.getByText("line 57", { exact: true }) });
    const place = async (): Promise<number | undefined> => (await row.boundingBox())?.y;
    await row.locator(".log-line").click();
    await row.getByText("Lines around it").waitFor();
    const before = await place();
    for (const first of [60, 120]) {
      await send("held", lines(first, 60));
      await expect.poll(() => row.getAttribute("aria-setsize")).toBe(String(first + 60));
      expect(await place()).toBeCloseTo(before ?? 0, 0);
    }
    // Closed and at the start again, the newest is seen as it comes.
    await row.locator(".log-line").click();
    await page.locator(".log-list").evaluate((list) => (list.scrollTop = 0));
    await send("held", lines(180, 1));
    await expect.poll(() => page.locator(".log-body").first().textContent()).toBe("line 180");
  });
});

describe("the live tail of a running stack", () => {
  it("waits for the first line, then takes in each once, many of one moment too", async () => {
    const page = await follow("shop");
    await page.getByRole("heading", { name: "Waiting for the first line" }).waitFor();
    const first = nowNano();
    const sent: string[] = [];
    for (let request = 0; request < 20; request++) {
      // Ten lines a millisecond share their time, as lines of a coarse clock do.
      const lines = Array.from({ length: 100 }, (_, i) => ({
        body: `line ${request * 100 + i}`,
        timeNano: first + BigInt(Math.floor((request * 100 + i) / 10)) * 1_000_000n,
      }));
      await send("shop", lines);
      sent.push(...lines.map(({ body }) => body));
    }
    await expect
      .poll(() => page.locator(".cut-note").textContent())
      .toMatch(/last 2,000\slines of 2,000 read/);
    await page.getByRole("button", { name: "Hold" }).click();
    const shown = await allLines(page);
    expect(shown.toSorted()).toEqual(sent.toSorted());
    // Within one time any order is right; between times only that of time.
    const times = shown.map((body) => Math.floor(Number(body.slice("line ".length)) / 10));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("puts a late line where its time is, and counts while it is held", async () => {
    const start = nowNano();
    const at = (milliseconds: number): bigint => start + BigInt(milliseconds) * 1_000_000n;
    await send("late", [
      { body: "early", timeNano: at(-3000) },
      { body: "newest", timeNano: at(0) },
    ]);
    const page = await follow("late");
    const bodies = page.locator(".log-body");
    await expect.poll(() => bodies.allTextContents()).toEqual(["early", "newest"]);
    await send("late", [{ body: "two seconds late", timeNano: at(-2000) }]);
    await send("other", [{ body: "of another service", timeNano: at(1) }]);
    await expect.poll(() => bodies.allTextContents()).toEqual(["early", "two seconds late", "newest"]);
    await page.getByRole("button", { name: "Hold" }).click();
    await send("late", [
      { body: "one second late", timeNano: at(-1000) },
      { body: "after all", timeNano: at(1) },
    ]);
    const more = page.getByRole("button", { name: "2 new lines" });
    await more.waitFor();
    expect(await bodies.allTextContents()).toEqual(["early", "two seconds late", "newest"]);
    await more.click();
    await expect
      .poll(() => bodies.allTextContents())
      .toEqual(["early", "two seconds late", "one second late", "newest", "after all"]);
  });
});
