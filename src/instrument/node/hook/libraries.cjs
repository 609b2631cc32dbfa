// Instruments the libraries that the program has, and loads no instrumentation that it cannot need: those whose library lies in
// a node_modules folder on the way up from the program are loaded at start, the others when their library is first required.
"use strict";
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const status = require("./status.cjs");

// instrumentation -> packages whose presence asks for it; [] = always. In upstream's order, which matters where two wrap one call.
const table = {
  amqplib: ["amqplib"],
  "aws-lambda": ["aws-lambda"],
  "aws-sdk": [
    "@smithy/core",
    "@smithy/smithy-client",
    "@aws-sdk/smithy-client",
    "@aws-sdk/middleware-stack",
    "@smithy/middleware-stack",
  ],
  bunyan: ["bunyan"],
  "cassandra-driver": ["cassandra-driver"],
  connect: ["connect"],
  cucumber: ["@cucumber/cucumber"],
  dataloader: ["dataloader"],
  express: ["express"],
  "generic-pool": ["generic-pool"],
  graphql: ["graphql"],
  grpc: ["@grpc/grpc-js"],
  hapi: ["@hapi/hapi"],
  http: [],
  ioredis: ["ioredis"],
  kafkajs: ["kafkajs"],
  knex: ["knex"],
  koa: ["koa"],
  "lru-memoizer": ["lru-memoizer"],
  memcached: ["memcached"],
  mongodb: ["mongodb"],
  mongoose: ["mongoose"],
  mysql2: ["mysql2"],
  mysql: ["mysql"],
  "nestjs-core": ["@nestjs/core"],
  openai: ["openai"],
  oracledb: ["oracledb"],
  pg: ["pg", "pg-pool"],
  pino: ["pino"],
  redis: ["redis", "@redis/client", "@node-redis/client"],
  restify: ["restify"],
  router: ["router"],
  "runtime-node": [],
  "socket.io": ["socket.io"],
  tedious: ["tedious"],
  undici: [],
  winston: ["winston"],
};
// Only when asked for by OTEL_NODE_ENABLED_INSTRUMENTATIONS: a span for every look-up, connection or file hides the others.
const onRequest = { dns: ["dns"], fs: ["fs"], net: ["net"], "host-metrics": [] };
const builtins = new Set(["http", "https", "dns", "dns/promises", "net", "fs", "fs/promises"]);
const config = {
  // Writing trace ids into the program's own log lines would change its output.
  pino: { disableLogCorrelation: true },
  winston: { disableLogCorrelation: true },
  bunyan: { disableLogCorrelation: true },
  // By a monitor, which changes nothing about the exception: the log record of what ended the program.
  "runtime-node": { captureUncaughtException: true },
};

function install(load, places) {
  const names = selected();
  const present = presentPackages(places);
  const now = names.filter((name) => wantedNow(name, present));
  const loaded = [];
  for (const name of now) loaded.push(...instrument(load, name));
  const modules = loaded.flatMap((instrumentation) =>
    (instrumentation._modules ?? []).map((module) => module.name),
  );
  watchImports(load, modules);
  const later = names.filter(
    (name) => !now.includes(name) && !(name === "router" && now.includes("express")),
  );
  watchRequires(load, later);
  if (now.includes("undici")) status.send("library", { name: "fetch" });
}

function selected() {
  const list = (name) =>
    process.env[name]
      ?.split(",")
      .map((word) => word.trim())
      .filter(Boolean) ?? [];
  const enabled = list("OTEL_NODE_ENABLED_INSTRUMENTATIONS");
  const disabled = list("OTEL_NODE_DISABLED_INSTRUMENTATIONS");
  const all = enabled.length > 0 ? [...Object.keys(table), ...Object.keys(onRequest)] : Object.keys(table);
  return all.filter((name) => (enabled.length === 0 || enabled.includes(name)) && !disabled.includes(name));
}

function packagesOf(name) {
  return table[name] ?? onRequest[name] ?? [];
}

function wantedNow(name, present) {
  const packages = packagesOf(name);
  // Express 5 is built on router, and its own instrumentation names every layer already.
  if (name === "router" && present?.has("express")) return false;
  return (
    packages.length === 0 ||
    present === undefined ||
    packages.some((one) => present.has(one) || builtins.has(one))
  );
}

/** Names in all node_modules folders that the program can see; undefined when they cannot be listed (Plug'n'Play). */
function presentPackages(places) {
  if (process.versions.pnp !== undefined) return undefined;
  const found = new Set();
  const seen = new Set();
  for (const place of places) {
    for (let here = place; !seen.has(here); here = path.dirname(here)) {
      seen.add(here);
      addFolder(path.join(here, "node_modules"), found);
      addFolder(path.join(here, "node_modules", ".pnpm", "node_modules"), found);
    }
  }
  return found;
}

function addFolder(folder, found) {
  for (const name of names(folder)) {
    found.add(name);
    if (name.startsWith("@"))
      for (const inner of names(path.join(folder, name))) found.add(`${name}/${inner}`);
  }
}

function names(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** Loads one instrumentation package and enables what it exports. */
function instrument(load, name) {
  try {
    const exported = load(`@opentelemetry/instrumentation-${name}`);
    const created = Object.entries(exported)
      .filter(([key, value]) => key.endsWith("Instrumentation") && typeof value === "function")
      .map(([, Instrumentation]) => new Instrumentation(config[name] ?? {}));
    const { metrics } = load("@opentelemetry/api");
    for (const instrumentation of created) {
      report(instrumentation);
      // Those without a library create their instruments only when told so.
      instrumentation.setMeterProvider?.(metrics.getMeterProvider());
    }
    return created;
  } catch (error) {
    status.send("library-left-out", { name, reason: error?.message ?? String(error) });
    return [];
  }
}

/** Tells the launcher, once a library, that it was patched, or loaded in a version that is not supported. */
function report(instrumentation) {
  for (const part of [instrumentation, ...innerInstrumentations(instrumentation)]) {
    const original = part._onRequire;
    if (typeof original !== "function") continue;
    let patched = false;
    part._onRequire = function (module, exports, name, baseDir) {
      for (const target of [module, ...(module.files ?? [])]) {
        const patch = target.patch;
        if (typeof patch !== "function" || watched.has(target)) continue;
        watched.add(target);
        target.patch = function (...words) {
          patched = true;
          return Reflect.apply(patch, this, words);
        };
      }
      patched = false;
      const result = Reflect.apply(original, this, [module, exports, name, baseDir]);
      if (patched) say("library", module, baseDir);
      else if (baseDir && module.name === name && typeof module.patch === "function") leftOut(module);
      return result;
    };
  }
}

/** The redis instrumentation is made of one a client generation. */
function innerInstrumentations(instrumentation) {
  return Object.values(instrumentation).filter((value) => typeof value?._onRequire === "function");
}

// Module definitions whose patch functions tell when they are called.
const watched = new WeakSet();
const said = new Set();
function say(event, module, baseDir) {
  const name = module.name === "https" ? "http" : module.name;
  if (!baseDir && !programRequires) return; // the agent's own use of http
  if (said.has(name)) return;
  said.add(name);
  status.send(event, { name, version: module.moduleVersion });
}

function leftOut(module) {
  // Several definitions may share a name, one a range of versions: wait until all were asked.
  setImmediate(() => {
    if (said.has(module.name)) return;
    said.add(module.name);
    const reason = `supported is ${module.supportedVersions.join(" or ")}`;
    status.send("library-left-out", { name: module.name, version: module.moduleVersion, reason });
  }).unref?.();
}

let programRequires = false;

/** ES modules: only the named ones are wrapped, so that nothing else of the program passes through the loader's rewriting. */
function watchImports(load, modules) {
  if (typeof Module.register !== "function") return;
  const hook = pathToFileURL(load.resolve("@opentelemetry/instrumentation/hook.mjs")).href;
  const include = [...new Set(modules)].filter((name) => !path.isAbsolute(name));
  Module.register(hook, { parentURL: pathToFileURL(__filename).href, data: { include } });
}

/** CommonJS, outermost: loads an instrumentation just before its library is required for the first time. */
function watchRequires(load, later) {
  const pending = new Map(later.flatMap((name) => packagesOf(name).map((one) => [one, name])));
  const original = Module.prototype.require;
  Module.prototype.require = function (id) {
    if (typeof id === "string") {
      const builtin = id.startsWith("node:") ? id.slice(5) : id;
      if ((builtin === "http" || builtin === "https") && !said.has("http"))
        say("library", { name: "http" }, "program");
      const name = pending.get(id);
      if (name !== undefined) {
        for (const one of packagesOf(name)) pending.delete(one);
        instrument(load, name);
      }
    }
    return Reflect.apply(original, this, [id]);
  };
  programRequires = true;
}

module.exports = { install, presentPackages };
