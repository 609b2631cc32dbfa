// The service's name, when the launcher only inferred one: a process in another project of the same tree has that project's.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

/** Name of the project around `directory`; undefined when the launcher's name holds. */
function serviceName(environment, directory) {
  const root = environment.OTELIER_NAME_INFERRED_IN;
  if (!root) return undefined;
  // Only folders below the one where the launcher was started: outside it, its guess is as good as ours.
  for (let here = directory; here !== root && here.startsWith(root + path.sep); here = path.dirname(here)) {
    try {
      const { name } = JSON.parse(fs.readFileSync(path.join(here, "package.json"), "utf8"));
      if (typeof name === "string" && name !== "") return name;
    } catch {
      // No project here; look above.
    }
  }
  return undefined;
}

module.exports = { serviceName };
