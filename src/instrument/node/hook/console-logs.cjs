// Sends console output as OTel log records, with the trace that is active. What is printed stays as it is.
// Loggers (pino, winston, bunyan) write to the stream or the descriptor, not through console.*, so nothing arrives twice.
"use strict";
const { format } = require("node:util");

const methods = {
  debug: { severityNumber: 5, severityText: "DEBUG", stream: "stdout" },
  log: { severityNumber: 9, severityText: "INFO", stream: "stdout" },
  info: { severityNumber: 9, severityText: "INFO", stream: "stdout" },
  warn: { severityNumber: 13, severityText: "WARN", stream: "stderr" },
  error: { severityNumber: 17, severityText: "ERROR", stream: "stderr" },
};
const maxLength = 32_768;
// Colours and cursor movements.
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g");

function install(logger) {
  let busy = false;
  for (const [name, { stream, ...severity }] of Object.entries(methods)) {
    const original = console[name];
    const wrapped = {
      // A method of that name, so that stack traces and console[name].name read as before.
      [name](...values) {
        if (!busy) {
          busy = true;
          try {
            logger.emit({ ...severity, body: textOf(values), attributes: attributesOf(values, stream) });
          } catch {
            // Printing goes on whatever happens to its copy.
          } finally {
            busy = false;
          }
        }
        return Reflect.apply(original, this, values);
      },
    };
    Object.defineProperty(console, name, {
      value: wrapped[name],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

function textOf(values) {
  const text = format(...values).replace(escapes, "");
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function attributesOf(values, stream) {
  const attributes = { "log.iostream": stream };
  const error = values.find((value) => value instanceof Error);
  if (error !== undefined) {
    attributes["exception.type"] = error.name;
    attributes["exception.message"] = error.message;
    if (typeof error.stack === "string") attributes["exception.stacktrace"] = error.stack;
  }
  return attributes;
}

module.exports = { install };
