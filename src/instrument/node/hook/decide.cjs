// Which Node.js processes are left alone, judged by what they run.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

// Start other programs and serve nothing themselves; what they start is instrumented.
const managers = new Set(
  `npm npx yarn yarnpkg pnpm pnpx corepack npm-cli npx-cli pnpm-cli lerna turbo nodemon concurrently cross-env cross-env-shell
  dotenv dotenvx run-s run-p npm-run-all npm-run-all2 run-script-os ts-node-dev tsnd node-dev wireit forever husky wait-on
  start-server-and-test`.split(/\s+/),
);
// Compile, check or generate; neither they nor their workers are of interest.
const tools = new Set(
  `tsc tsserver eslint eslint_d prettier oxlint oxfmt biome rollup esbuild swc babel prisma node-gyp lint-staged tsup tailwindcss
  postcss sass knip depcheck npm-check-updates create-next-app create-vite`.split(/\s+/),
);
// Command line tools that build with some words and serve with others.
const buildWords = {
  next: ["build", "lint", "info", "telemetry", "typegen", "upgrade"],
  vite: ["build", "optimize"],
  nuxt: ["build", "generate", "prepare", "typecheck"],
  nuxi: ["build", "generate", "prepare", "typecheck"],
  astro: ["build", "check", "sync"],
  webpack: ["build", "b", "bundle", undefined],
  nest: ["build", "new", "generate", "g"],
  ng: ["build", "new", "generate", "lint"],
  "react-scripts": ["build"],
  "vue-cli-service": ["build", "lint"],
  remix: ["build"],
  "react-router": ["build", "typegen"],
};

/**
 * "manager" (children are instrumented), "tool" (children neither), or undefined for a program of the user.
 * `argv` as process.argv at preload time: argv[1] is the absolute path of the script, or absent (REPL, -e).
 */
function kindOf(argv) {
  const script = argv[1];
  if (!script) return undefined;
  const file = script.replaceAll("\\", "/");
  const name = path.posix.basename(file).replace(/\.(c|m)?js$/, "");
  if (/\/(npm|pnpm|corepack|yarn)\/(bin|dist|lib)\//.test(file) || /\/\.yarn\/releases\//.test(file))
    return "manager";
  if (managers.has(name)) return "manager";
  if (/\/tsx\/dist\/cli\.(m|c)js$/.test(file) || (name === "tsx" && file.includes("/.bin/")))
    return "manager";
  if (tools.has(name) || /\/typescript\/(bin|lib)\//.test(file)) return "tool";
  if (/\/next\/dist\/(compiled\/jest-worker|telemetry|build)\//.test(file)) return "tool";
  const tool = toolOf(file, name);
  const words = tool === undefined ? undefined : buildWords[tool];
  const word = argv.slice(2).find((candidate) => !candidate.startsWith("-"));
  if (words !== undefined && words.includes(word)) return "tool";
  if (tool === "next" && (word === "dev" || word === undefined) && nextForksItsServer(script))
    return "manager";
  return undefined;
}

function toolOf(file, name) {
  if (file.endsWith("/next/dist/bin/next")) return "next";
  if (name in buildWords && /\/(\.bin|bin|dist)\//.test(file)) return name;
  const inPackage = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?:bin|dist\/bin)\//.exec(file);
  const owner = inPackage?.[1]?.replace(/^@[^/]+\//, "");
  return owner !== undefined && owner in buildWords ? owner : undefined;
}

/** From Next.js 14 on `next dev` only watches a child that serves. */
function nextForksItsServer(script) {
  try {
    const root = fs.realpathSync(script).replace(/\/dist\/bin\/next(\.js)?$/, "");
    return (
      Number(JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).version.split(".")[0]) >= 14
    );
  } catch {
    return false;
  }
}

/** The reason why the agent cannot run in this version of Node.js. */
function unsupportedVersion(version) {
  const [major, minor] = version.split(".").map(Number);
  const supported = major > 20 || (major === 20 && minor >= 6) || (major === 18 && minor >= 19);
  return supported ? undefined : "the OpenTelemetry agent needs Node.js 18.19, 20.6 or newer";
}

// An instrumentation that the program registers would wrap the calls that ours has wrapped already.
const ownSdk = /^@opentelemetry\/(sdk-|auto-instrumentations-|instrumentation(-|$))|^@vercel\/otel$/;

/** The OpenTelemetry SDK that the program asks for by itself, by its package.json or its command line. */
function programsOwnSdk(directories, execArgv) {
  const loaded = execArgv.find((word) => word.includes("@opentelemetry/"));
  if (loaded !== undefined) return loaded;
  for (const start of directories) {
    const manifest = nearestManifest(start);
    const found = Object.keys(manifest?.dependencies ?? {}).find((name) => ownSdk.test(name));
    if (found !== undefined) return `${found} ${manifest.dependencies[found]}`;
  }
  return undefined;
}

function nearestManifest(start) {
  for (let here = start; ; here = path.dirname(here)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(here, "package.json"), "utf8"));
    } catch {
      if (here === path.dirname(here)) return undefined;
    }
  }
}

module.exports = { kindOf, programsOwnSdk, unsupportedVersion };
