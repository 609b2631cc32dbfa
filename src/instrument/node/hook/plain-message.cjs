"use strict";

/** What OpenTelemetry's SDK logs in words: of an error it logs all that the error holds, stack first, as JSON (@opentelemetry/core, logging-error-handler). */
function plainMessage(logged) {
  const text = String(logged);
  if (!text.startsWith("{")) return text;
  try {
    const { message } = JSON.parse(text);
    return typeof message === "string" && message !== "" ? message : text;
  } catch {
    return text;
  }
}

module.exports = { plainMessage };
