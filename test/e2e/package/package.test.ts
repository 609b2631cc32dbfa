/** The tarball that npm publishes, installed by a user in an empty folder elsewhere. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  anyPorts,
  plainEnvironment,
  removeFolder,
  root,
  run,
  RunningProgram,
  temporaryFolder,
  urlsOf,
  type RunOptions,
} from "../start/run-stack.ts";

const folder = temporaryFolder();
const cache = process.env["OTELIER_TEST_CACHE"] ?? path.join(homedir(), ".cache", "otelier-test");
const options: RunOptions = {
  cwd: path.join(folder, "app"),
  environment: { ...plainEnvironment, OTELIER_CACHE: path.join(cache, "agents") },
  command: ["npx", "--no-install", "otelier"],
};
let stack: RunningProgram | undefined;

beforeAll(() => {
  const npm = (args: readonly string[], cwd: string): string =>
    execFileSync("npm", [...args, "--loglevel=error"], { cwd, env: plainEnvironment, encoding: "utf8" });
  npm(["pack", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  mkdirSync(options.cwd);
  writeFileSync(path.join(options.cwd, "package.json"), '{"name":"app","private":true}\n');
  npm(["install", "--prefer-offline", "--no-audit", "--no-fund", path.join(folder, tarball)], options.cwd);
});
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
});
afterAll(() => removeFolder(folder));

test("holds what runs and nothing else", () => {
  const names = readdirSync(path.join(options.cwd, "node_modules/otelier"), {
    recursive: true,
    encoding: "utf8",
  });
  expect(names).toContain("dist/ui/index.html");
  // Where this machine has no JDK, nothing was built; with CI=true that fails in the tests of Java programs.
  const hook = "dist/java/otelier-java-hook.jar";
  expect(names.includes(hook)).toBe(existsSync(path.join(root, hook)));
  expect(names).toContain("docs/diagnostics/README.md");
  const unwanted = /\.test\.|^(?:src|test|bench|demo|scripts|ui)(?:\/|$)|testdata|__pycache__/;
  expect(names.filter((name) => unwanted.test(name))).toEqual([]);
});

test("npx otelier up serves UI and API; npx otelier run instruments a program", async () => {
  stack = new RunningProgram(["up", ...anyPorts], options);
  const urls = await urlsOf(stack);
  const page = await (await fetch(urls.front)).text();
  const assets = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, asset = ""]) => asset);
  expect(assets.length).toBeGreaterThan(0);
  for (const asset of assets) expect((await fetch(`${urls.front}/${asset}`)).status).toBe(200);

  const program = `
    const { createServer } = require("node:http");
    const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1", async () => {
      console.log(await (await fetch("http://127.0.0.1:" + server.address().port)).text());
      server.close();
    });`;
  writeFileSync(path.join(options.cwd, "app.js"), program);
  const args = ["run", "--endpoint", urls.http, "--name", "packed-app", "--", "node", "app.js"];
  const { code, stdout, stderr } = await run(args, options);
  expect([code, stdout]).toEqual([0, "hello\n"]);
  expect(stderr).toContain("packed-app");
  const names = async (): Promise<readonly string[]> => {
    const answer = await fetch(`${urls.front}/api/traces?service=packed-app`);
    const { items } = (await answer.json()) as { items: { rootName: string }[] };
    return items.map(({ rootName }) => rootName);
  };
  await expect.poll(names, { interval: 100 }).toContain("GET");
});

test("the demo needs the repository, and says so", async () => {
  stack = new RunningProgram(["up", "--demo", ...anyPorts, "--data", "demo"], options);
  const { code, stderr } = await stack.end();
  expect(code).toBe(1);
  expect(stderr).toContain("the demo needs the repository (git clone it and run npm start there)");
});
