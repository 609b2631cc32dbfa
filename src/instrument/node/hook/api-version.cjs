// A program's @opentelemetry/api takes no providers that were registered by an older minor version than its own, and says nothing: its spans
// and counters would vanish. The agent's API is 1.9; what the later versions listed here ask of a provider, the agent's has.
"use strict";
const { createRequire } = require("node:module");
const path = require("node:path");
const status = require("./status.cjs");

// 1.10 adds ContextManager.attach, and calls it only where it is there.
const newestKnown = "1.10.0";
const registry = Symbol.for("opentelemetry.js.api.1");

/** To be called when all providers are registered: a registration by another version than the registry's is refused. */
function openToNewerApis() {
  const api = globalThis[registry];
  const known = Object.getOwnPropertyDescriptor(api ?? {}, "version");
  if (known?.writable && isNewer(newestKnown, api.version)) api.version = newestKnown;
}

/** Says when the program's API is one that will not take the agent's providers. */
function reportUnknownApi(places) {
  const version = programsApi(places);
  if (version === undefined || version.startsWith("0.")) return;
  const [major] = version.split(".");
  if (major === "1" && !isNewer(version, newestKnown)) return;
  const reason = `newer than ${newestKnown}, which the agent knows: spans made by the program itself do not join`;
  status.send("library-left-out", { name: "@opentelemetry/api", version, reason });
}

function programsApi(places) {
  for (const place of places) {
    try {
      const main = createRequire(path.join(place, "package.json")).resolve("@opentelemetry/api");
      const root = main.slice(0, main.lastIndexOf(`@opentelemetry${path.sep}api${path.sep}`) + 19);
      return require(path.join(root, "package.json")).version;
    } catch {
      // It has none.
    }
  }
  return undefined;
}

/** By major and minor version. */
function isNewer(one, other) {
  const [major, minor] = one.split(".").map(Number);
  const [otherMajor, otherMinor] = other.split(".").map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

module.exports = { openToNewerApis, reportUnknownApi };
