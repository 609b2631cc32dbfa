import { execFileSync } from "node:child_process";
import path from "node:path";

const repository = path.resolve(import.meta.dirname, "../../..");

/** Builds once, before all browser tests, what changed, so that nothing stale is tested; mostly that is nothing. */
export function setup(): void {
  execFileSync(process.execPath, [path.join(repository, "scripts/build.mjs")], {
    cwd: repository,
    // The test runner's "test" would make the slow development build of React.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "inherit", "inherit"],
  });
}
