/** What the browser tests of one file share: a target, a Chromium, and pages that are looked over and closed after each test. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchBrowser, openPage, type PageOptions, type WatchedPage } from "./browser.ts";

export interface Target {
  readonly url: string;
  close(): Promise<void>;
}

export interface VisitOptions extends PageOptions {
  /** Console errors that the test brings about on purpose. */
  readonly tolerates?: RegExp;
}

export interface Visits<T extends Target> {
  /** What is looked at; only within tests. */
  readonly target: T;
  /** Opens an address of the target in a context of its own. */
  visit(address: string, options?: VisitOptions): Promise<Page>;
}

/** Starts target and browser before all tests of the file; after each one its pages must have shown no error in the console. */
export function visitsTo<T extends Target>(start: () => Promise<T>): Visits<T> {
  let target: T | undefined;
  let browser: Browser | undefined;
  const open: { readonly watched: WatchedPage; readonly tolerates: RegExp | undefined }[] = [];
  beforeAll(async () => {
    target = await start();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    const visited = open.splice(0);
    await Promise.all(visited.map(({ watched }) => watched.context.close()));
    const problems = visited.flatMap(({ watched, tolerates }) =>
      watched.problems.filter((problem) => tolerates?.test(problem) !== true),
    );
    expect(problems).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await target?.close();
  });
  return {
    get target() {
      if (target === undefined) throw new Error("the target is there within tests only");
      return target;
    },
    async visit(address, options = {}) {
      if (browser === undefined) throw new Error("pages are opened within tests only");
      const watched = await openPage(browser, this.target.url, options);
      open.push({ watched, tolerates: options.tolerates });
      await watched.page.goto(address);
      return watched.page;
    },
  };
}
