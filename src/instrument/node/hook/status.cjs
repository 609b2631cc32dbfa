// What the launcher is told: one JSON object a line in <run dir>/status/<pid>.jsonl. Without a launcher nothing is written.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const runtime = `node ${process.versions.node.split(".").slice(0, 2).join(".")}`;

/** Appends one event; the reader may be gone, which is no failure. */
function send(event, fields) {
  const directory = process.env.OTELIER_RUN_DIR;
  if (!directory) return;
  const line = `${JSON.stringify({ event, pid: process.pid, runtime, ...fields })}\n`;
  try {
    const file = fs.openSync(path.join(directory, "status", `${process.pid}.jsonl`), "a", 0o600);
    try {
      fs.writeSync(file, line);
    } finally {
      fs.closeSync(file);
    }
  } catch {
    // No launcher listens any more.
  }
}

module.exports = { send };
