import pino from "pino";

export const log = pino({
  name: "storefront",
  level: process.env.LOG_LEVEL ?? "info",
  timestamp: pino.stdTimeFunctions.isoTime,
});

/** One line per request, at a level that fits its status. */
export function requestLog(request, response, next) {
  const started = performance.now();
  response.on("finish", () => {
    if (request.path === "/healthz" || request.path.startsWith("/assets/")) return;
    const level = response.statusCode >= 500 ? "error" : response.statusCode >= 400 ? "warn" : "info";
    log[level](
      {
        method: request.method,
        path: request.path,
        status: response.statusCode,
        durationMs: Math.round((performance.now() - started) * 100) / 100,
      },
      "request served",
    );
  });
  next();
}
