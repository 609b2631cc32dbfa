import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The script that NODE_OPTIONS=--require loads: CommonJS, parsed by every Node.js version. */
export const nodePreload: string = fileURLToPath(new URL("./hook/preload.cjs", import.meta.url));

/**
 * The Node.js agent's package.json and package-lock.json, every version in them exact. They have other names here because npm
 * leaves lock files out of the packages that it publishes.
 */
export const nodeManifests: readonly { readonly source: string; readonly installedAs: string }[] = [
  { source: asset("manifest.json"), installedAs: "package.json" },
  { source: asset("lock.json"), installedAs: "package-lock.json" },
];

function asset(name: string): string {
  return fileURLToPath(new URL(`./hook/agent/${name}`, import.meta.url));
}

/** Where the agent of exactly this lock file lies in the cache. */
export function nodeAgentFolder(cache: string): string {
  const hash = createHash("sha256");
  for (const { source } of nodeManifests) hash.update(readFileSync(source));
  return path.join(cache, "node", hash.digest("hex").slice(0, 16));
}

/** Number of packages that the lock file installs; for the progress bar. */
export function nodePackageCount(): number {
  const lock: unknown = JSON.parse(readFileSync(asset("lock.json"), "utf8"));
  const packages = typeof lock === "object" && lock !== null && "packages" in lock ? lock.packages : {};
  return Math.max(1, Object.keys(packages ?? {}).length - 1);
}
