/** What the browser tests look at: the built UI over the fixture server, or a running Otelier. */
import path from "node:path";
import { startShop } from "../start/shop.ts";
import { startFixtureServer, type FixtureServer } from "./fixture/server.ts";
import type { Target } from "./visits.ts";

const repository = path.resolve(import.meta.dirname, "../../..");

export interface BuiltFixture extends FixtureServer {
  /** Folder of the build. */
  readonly root: string;
}

export async function startBuiltFixture(): Promise<BuiltFixture> {
  const root = path.join(repository, "dist/ui");
  return { ...(await startFixtureServer(root)), root };
}

/** The running demo: the one at OTELIER_URL, or a stack with the shop of its own. */
export async function startDemo(): Promise<Target> {
  const url = process.env.OTELIER_URL;
  return url === undefined ? startShop() : { url, close: () => Promise.resolve() };
}
