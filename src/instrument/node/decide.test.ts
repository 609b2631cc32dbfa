import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";

interface Decide {
  kindOf(argv: readonly (string | undefined)[]): string | undefined;
  unsupportedVersion(version: string): string | undefined;
  programsOwnSdk(directories: readonly string[], execArgv: readonly string[]): string | undefined;
}
const decide = createRequire(import.meta.url)("./hook/decide.cjs") as Decide;

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-decide-"));
afterAll(() => rmSync(folder, { recursive: true }));
const next = path.join(folder, "node_modules/next");
mkdirSync(path.join(next, "dist/bin"), { recursive: true });
writeFileSync(path.join(next, "package.json"), '{"version":"15.1.0"}');
writeFileSync(path.join(next, "dist/bin/next"), "");

describe("kindOf: what is left alone", () => {
  test.each([
    ["manager", ["/usr/lib/node_modules/npm/bin/npm-cli.js", "run", "dev"]],
    ["manager", ["/usr/lib/node_modules/npm/bin/npx-cli.js", "x"]],
    ["manager", ["/usr/local/bin/yarn", "start"]],
    ["manager", ["/app/.yarn/releases/yarn-4.5.0.cjs", "start"]],
    ["manager", ["/usr/lib/node_modules/corepack/dist/pnpm.js", "dev"]],
    ["manager", ["/app/node_modules/nodemon/bin/nodemon.js", "app.js"]],
    ["manager", ["/app/node_modules/.bin/tsx", "app.ts"]],
    ["manager", ["/app/node_modules/tsx/dist/cli.mjs", "app.ts"]],
    ["manager", [path.join(next, "dist/bin/next"), "dev", "--port", "3000"]],
    ["tool", [path.join(next, "dist/bin/next"), "build"]],
    ["tool", ["/app/node_modules/next/dist/compiled/jest-worker/processChild.js"]],
    ["tool", ["/app/node_modules/typescript/bin/tsc", "-w"]],
    ["tool", ["/app/node_modules/.bin/tsc"]],
    ["tool", ["/app/node_modules/vite/bin/vite.js", "build"]],
    ["tool", ["/app/node_modules/.bin/webpack"]],
    ["tool", ["/app/node_modules/@nestjs/cli/bin/nest.js", "build"]],
    [undefined, [path.join(next, "dist/bin/next"), "start"]],
    [undefined, ["/app/node_modules/next/dist/server/lib/start-server.js"]],
    [undefined, ["/app/node_modules/vite/bin/vite.js"]],
    [undefined, ["/app/node_modules/vite/bin/vite.js", "preview"]],
    [undefined, ["/app/server.js"]],
    [undefined, ["/app/npm/server.js"]],
    [undefined, ["/home/npm/build/index.js", "build"]],
    [undefined, []],
  ])("%s: %j", (kind, words) => expect(decide.kindOf(["/usr/bin/node", ...words])).toBe(kind));
});

test.each([
  ["16.20.2", false],
  ["18.18.2", false],
  ["18.19.0", true],
  ["19.9.0", false],
  ["20.5.1", false],
  ["20.6.0", true],
  ["24.1.0", true],
])("Node.js %s is supported: %s", (version, supported) => {
  expect(decide.unsupportedVersion(version) === undefined).toBe(supported);
});

test("a program's own SDK is found by its manifest, above its folder too, and by its command line", () => {
  mkdirSync(path.join(folder, "own/src"), { recursive: true });
  writeFileSync(path.join(folder, "own/package.json"), '{"dependencies":{"@vercel/otel":"^1.0.0"}}');
  expect(decide.programsOwnSdk([path.join(folder, "own/src")], [])).toBe("@vercel/otel ^1.0.0");
  expect(decide.programsOwnSdk([next], [])).toBeUndefined();
  expect(decide.programsOwnSdk([], ["--require", "@opentelemetry/auto-instrumentations-node/register"])).toBe(
    "@opentelemetry/auto-instrumentations-node/register",
  );
});
