/** One Chromium of the system for the browser tests, and pages that remember what went wrong in them. */
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";

export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and uncaught exceptions so far. */
  readonly problems: string[];
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
    ],
  });
}

export interface PageOptions {
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
}

export async function openPage(
  browser: Browser,
  url: string,
  options: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.theme ?? "light",
    reducedMotion: "reduce",
  });
  // Of everything that a page is waited for: as long as tests wait for anything.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${message.text()} ${message.location().url}`);
  });
  // The console says no more of it than the status.
  page.on("response", (response) => {
    if (response.status() < 500) return;
    response.text().then(
      (text) => problems.push(`status of ${response.status()}, ${response.url()}: ${text.slice(0, 1000)}`),
      () => undefined,
    );
  });
  page.on("pageerror", (error) => problems.push(error.message));
  return { page, context, problems };
}

/** Focuses what `target` finds once it can take the focus: a button that waits for its data is disabled, and a focus asked for before is lost. */
export async function focusOn(target: Locator): Promise<void> {
  await expect
    .poll(async () => {
      await target.focus();
      return target.and(target.page().locator(":focus")).count();
    })
    .toBe(1);
}
