import { copyFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../base/clock.ts";
import { OtelierError } from "../base/error.ts";
import { fillOnce } from "./agent-cache.ts";
import type { InstallOptions } from "./install-options.ts";
import { nodeAgentFolder, nodeManifests, nodePackageCount } from "./node/agent.ts";
import { runProcess, startProcess } from "./process.ts";
import { startProgress } from "./progress.ts";

/**
 * Fills the cache with the Node.js agent by `npm ci` from the lock file, unless it is there; resolves with its folder.
 * Rejects with "agent-install", one line, remedy included. Install scripts of packages are not run.
 */
export async function installNodeAgent(options: InstallOptions, clock: Clock): Promise<string> {
  const target = nodeAgentFolder(options.cache);
  await fillOnce(
    target,
    async (folder) => {
      for (const { source, installedAs } of nodeManifests)
        copyFileSync(source, path.join(folder, installedAs));
      const progress = startProgress("installing the Node.js agent, once", options.output);
      try {
        await npmCi(folder, options, (done) => progress.update(done, nodePackageCount()), clock);
      } finally {
        progress.end();
      }
    },
    clock,
  );
  return target;
}

async function npmCi(
  folder: string,
  options: InstallOptions,
  onProgress: (done: number) => void,
  clock: Clock,
): Promise<void> {
  const environment = { ...options.environment, OTELIER_OFF: "install", NODE_OPTIONS: undefined };
  const version = await runProcess({
    command: "npm",
    args: ["--version"],
    workingDirectory: folder,
    environment,
  });
  if (version.code !== 0) {
    throw failure("npm is not on the PATH", "install npm (it comes with Node.js)");
  }
  let text = "";
  const running = startProcess({
    command: "npm",
    args: [
      "ci",
      "--ignore-scripts",
      "--omit=dev",
      "--no-audit",
      "--no-fund",
      "--no-progress",
      "--loglevel=error",
      "--fetch-retries=1",
      // The program waits meanwhile; npm's own ten seconds help nobody who is offline.
      "--fetch-retry-mintimeout=1000",
      // npx and npm scripts hand their project's settings down; these would change what is installed where.
      "--no-engine-strict",
      "--no-global",
      "--no-workspaces",
    ],
    workingDirectory: folder,
    environment,
    output: (chunk) => {
      text = (text + chunk.toString("utf8")).slice(-16_384);
    },
  });
  const over = new AbortController();
  const ended = running.ended.finally(() => over.abort());
  while (!over.signal.aborted) {
    onProgress(packagesIn(path.join(folder, "node_modules")));
    await clock.sleep(150, over.signal);
  }
  const end = await ended;
  if (end.code !== 0)
    throw failure(npmReason(text) ?? end.problem ?? "npm ci failed", remedyOf(text, options.cache));
}

function packagesIn(folder: string): number {
  const names = list(folder).filter((name) => !name.startsWith("."));
  return names.reduce(
    (sum, name) => sum + (name.startsWith("@") ? list(path.join(folder, name)).length : 1),
    0,
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const unreachable = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|ENETUNREACH/;

/** What npm's output says in the end, in few words. */
function npmReason(text: string): string | undefined {
  const network = unreachable.exec(text)?.[0];
  if (network !== undefined) return `the npm registry does not answer (${network})`;
  const lines = text.split("\n").map((line) => line.replace(/^npm (error|ERR!)\s*/, "").trim());
  return lines.find((line) => line !== "" && !line.startsWith("code ") && !line.startsWith("A complete log"));
}

function remedyOf(text: string, cache: string): string {
  return unreachable.test(text)
    ? `connect to the network once and run "otelier setup node", or copy ${cache} from another machine`
    : 'mend that and run "otelier setup node"';
}

function failure(why: string, remedy: string): OtelierError {
  return new OtelierError(`cannot install the Node.js agent: ${why}; ${remedy}`, {
    code: "agent-install",
    outcome: "permanent",
  });
}
