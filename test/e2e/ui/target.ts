/** What the browser tests look at: the built UI over the fixture server, or a running Otelier. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { startShop } from "../start/shop.ts";
import { startFixtureServer, type FixtureServer } from "./fixture/server.ts";
import type { Target } from "./visits.ts";

const repository = path.resolve(import.meta.dirname, "../../..");

export interface BuiltFixture extends FixtureServer {
  /** Folder of the build. */
  readonly root: string;
}

/** Builds first what changed, so that nothing stale is tested; mostly that is nothing. */
export async function startBuiltFixture(): Promise<BuiltFixture> {
  execFileSync(process.execPath, [path.join(repository, "scripts/build.mjs")], {
    cwd: repository,
    // The test runner's "test" would make the slow development build of React.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const root = path.join(repository, "dist/ui");
  return { ...(await startFixtureServer(root)), root };
}

/** The running demo: the one at OTELIER_URL, or a stack with the shop of its own. */
export async function startDemo(): Promise<Target> {
  const url = process.env.OTELIER_URL;
  return url === undefined ? startShop() : { url, close: () => Promise.resolve() };
}
