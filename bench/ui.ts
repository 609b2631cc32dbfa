/**
 * What the pages cost in the system's Chromium: what is loaded, a trace of 100,000 spans, pages over millions of spans, and the live tail. The first two
 * stand over made-up answers (test/e2e/ui/fixture), the others over `otelier up` with data that came by OTLP.
 */
import type { Browser } from "playwright-core";
import { launchBrowser } from "../test/e2e/ui/browser.ts";
import type { Figure, Subject } from "./figure.ts";
import { measureFixture } from "./ui/fixture.ts";
import { measureStack } from "./ui/stack.ts";

export const ui: Subject = {
  about: "pages in headless Chromium; the browser, the stack and its engine share this machine's cores",
  run: async () => {
    const browser: Browser = await launchBrowser();
    try {
      const figures: Figure[] = [...(await measureFixture(browser)), ...(await measureStack(browser))];
      return figures;
    } finally {
      await browser.close();
    }
  },
};
