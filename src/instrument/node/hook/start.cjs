// Decides whether this process is instrumented and builds everything up. Read next: sdk.cjs (providers), libraries.cjs (what is
// instrumented when), ending.cjs (nothing is lost), console-logs.cjs.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { isMainThread } = require("node:worker_threads");
const decide = require("./decide.cjs");
const status = require("./status.cjs");
const { serviceName } = require("./names.cjs");

function start() {
  // Loader threads run preloads too. Worker threads of the program share its process and are not instrumented.
  if (!isMainThread) return;
  const kind = decide.kindOf(process.argv);
  if (kind === "tool") process.env.OTELIER_OFF = "tool";
  if (kind !== undefined) return;
  const unsupported = decide.unsupportedVersion(process.versions.node);
  if (unsupported !== undefined) return leftAlone(unsupported);
  const agent = process.env.OTELIER_NODE_AGENT;
  if (!agent || !fs.existsSync(path.join(agent, "node_modules"))) {
    return leftAlone("its OpenTelemetry packages are not installed yet", "run: otelier setup node");
  }
  if ((process.env.OTEL_SDK_DISABLED || "").trim().toLowerCase() === "true")
    return leftAlone("OTEL_SDK_DISABLED is true");
  const script = process.argv[1];
  const places = [process.cwd(), ...(script ? [path.dirname(realPath(script))] : [])];
  const own = decide.programsOwnSdk(places, process.execArgv);
  if (own !== undefined && process.env.OTELIER_OWN_SDK !== "ignore") {
    const hint = "set OTELIER_OWN_SDK=ignore to instrument it all the same";
    return leftAlone(`the program brings its own OpenTelemetry SDK (${own})`, hint);
  }
  const name = serviceName(process.env, process.cwd());
  if (name !== undefined) process.env.OTEL_SERVICE_NAME = name;
  try {
    instrument(agent, places);
  } catch (error) {
    leftAlone(
      `its OpenTelemetry packages cannot be loaded: ${error?.message}`,
      "remove the cache folder and start again",
    );
    if (process.env.OTELIER_DEBUG) throw error;
  }
}

function instrument(agent, places) {
  const load = require("node:module").createRequire(path.join(agent, "package.json"));
  const { buildSdk } = require("./sdk.cjs");
  const sdk = buildSdk(load);
  const { openToNewerApis, reportUnknownApi } = require("./api-version.cjs");
  openToNewerApis();
  require("./ending.cjs").install(sdk);
  const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT || "http://localhost:4318";
  status.send("start", { service: sdk.service, endpoint, signals: sdk.signals, forked: false });
  reportUnknownApi(places);
  require("./libraries.cjs").install(load, places);
  if (sdk.logger !== undefined) require("./console-logs.cjs").install(sdk.logger);
}

function leftAlone(reason, hint) {
  status.send("left-alone", { reason, hint });
}

function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

module.exports = { start };
