/** What the browser tests look at: a fresh build of the UI over the fixture server, or a running Otelier. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { startShop } from "../start/shop.ts";
import { startFixtureServer, type FixtureServer } from "./fixture/server.ts";
import type { Target } from "./visits.ts";

const uiFolder = path.resolve(import.meta.dirname, "../../../ui");

/** Wherever npm has put it: beside the UI, or hoisted to the root. */
function viteProgram(): string {
  const require = createRequire(path.join(uiFolder, "package.json"));
  return path.join(path.dirname(require.resolve("vite/package.json")), "bin/vite.js");
}

export interface BuiltFixture extends FixtureServer {
  /** Folder of the build. */
  readonly root: string;
}

/** Builds into a folder of its own, so that neither a stale nor a half-written `ui/dist` is tested. */
export async function startBuiltFixture(): Promise<BuiltFixture> {
  const root = mkdtempSync(path.join(os.tmpdir(), "otelier-ui-"));
  execFileSync(process.execPath, [viteProgram(), "build", "--outDir", root, "--logLevel", "warn"], {
    cwd: uiFolder,
    // The test runner's "test" would make the slow development build of React.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const server = await startFixtureServer(root);
  return {
    ...server,
    root,
    async close() {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The running demo: the one at OTELIER_URL, or a stack with the shop of its own. */
export async function startDemo(): Promise<Target> {
  const url = process.env.OTELIER_URL;
  return url === undefined ? startShop() : { url, close: () => Promise.resolve() };
}
