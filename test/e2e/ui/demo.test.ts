/** All pages and the ways between them over the running demo, or, with OTELIER_URL, over another running Otelier. */
import { describe } from "vitest";
import { hasToolchains } from "../start/shop.ts";
import { testPages } from "./demo/pages.ts";
import { testWays } from "./demo/ways.ts";
import { startDemo } from "./target.ts";
import { visitsTo } from "./visits.ts";

describe.skipIf(!hasToolchains && process.env.OTELIER_URL === undefined)("over the demo", () => {
  const visits = visitsTo(startDemo);
  testPages(visits);
  // Behind the pages: ways lead from what the shop has done for a while.
  testWays(visits);
});
