// Where an ending process leaves its last requests: <run dir>/spool/<pid>-<n>.otlp, a JSON line {url, headers}, a line break,
// the body. Writing a file is synchronous, so it works in an "exit" listener; the launcher sends the files and deletes them.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

let number = 0;

function available() {
  const directory = process.env.OTELIER_RUN_DIR;
  return Boolean(directory) && fs.existsSync(path.join(directory, "spool"));
}

/** True when the request is safe with the launcher. */
function write(url, headers, body) {
  const file = path.join(process.env.OTELIER_RUN_DIR || "", "spool", `${process.pid}-${number++}.otlp`);
  try {
    const head = Buffer.from(`${JSON.stringify({ url, headers })}\n`);
    fs.writeFileSync(`${file}.part`, Buffer.concat([head, body]), { flag: "wx", mode: 0o600 });
    fs.renameSync(`${file}.part`, file);
    return true;
  } catch {
    return false;
  }
}

module.exports = { available, write };
