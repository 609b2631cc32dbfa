import { describe, expect, test } from "vitest";
import { freePort } from "../../fakes/free-port.ts";
import { eventually, get, missing, Project, testSink } from "./harness.ts";

const handler = (log: string): string => `
  app.get("/api/talks/:id", (request, response) => {
    ${log}("asked for %s", request.params.id);
    response.json({ id: request.params.id });
  });`;
const listen = `
  const server = app.listen(0, () => console.log("listening on " + server.address().port));`;

const programs: Record<string, { files: Record<string, string>; command: string[]; library: RegExp }> = {
  "express as CommonJS": {
    files: {
      "app.js": `const express = require("express"); const app = express();${handler("console.log")}${listen}`,
    },
    command: ["node", "app.js"],
    library: /express 5\.\d+/,
  },
  "express as an ES module": {
    files: {
      "app.mjs": `import express from "express"; const app = express();${handler("console.log")}${listen}`,
    },
    command: ["node", "app.mjs"],
    library: /express 5\.\d+/,
  },
  "express in TypeScript, by tsx": {
    files: {
      "app.ts": `import express, { type Request, type Response } from "express"; const app = express();
        app.get("/api/talks/:id", (request: Request, response: Response) => {
          console.log("asked for %s", request.params.id); response.json({ id: request.params.id }); });
        const server = app.listen(0, () => console.log("listening on " + (server.address() as { port: number }).port));`,
      "package.json": JSON.stringify({ name: "from-manifest", type: "module" }),
    },
    command: ["tsx", "app.ts"],
    library: /express 5\.\d+/,
  },
  "fastify with pino": {
    files: {
      "app.js": `const app = require("fastify")({ logger: true });
        app.get("/api/talks/:id", async (request) => { request.log.info("asked for " + request.params.id); return request.params; });
        app.listen({ port: 0 }).then((url) => console.log("listening on " + url.split(":").at(-1)));`,
    },
    command: ["node", "app.js"],
    library: /pino \d+/,
  },
};

const skip = missing("node");
const sink = testSink();

function project(files: Record<string, string>): Project {
  const manifest = JSON.stringify({ name: "from-manifest" });
  return new Project({ "package.json": manifest, ...files })
    .npmInstall({ express: "5", fastify: "5", tsx: "4", winston: "3", pino: "9" })
    .commit();
}

describe.skipIf(skip !== undefined)("otelier run with Node.js", () => {
  test.each(Object.entries(programs))(
    "%s: nothing is lost at Ctrl-C",
    async (_name, { files, command, library }) => {
      const made = project(files);
      const running = made.run(sink, command);
      const [, port] = await running.printed(/listening on (\d+)/);
      for (const id of [1, 2, 3]) await get(`http://127.0.0.1:${port}/api/talks/${id}`);
      expect(await running.interrupt()).toBe(130);

      const served = sink.spans.filter((span) => span.kind === 2);
      expect(served.map((span) => span.attributes["url.path"])).toEqual([
        "/api/talks/1",
        "/api/talks/2",
        "/api/talks/3",
      ]);
      expect(new Set(sink.spans.map((span) => span.service))).toEqual(new Set(["from-manifest"]));
      const asked = sink.logs.filter((log) => /^asked for \d$/.test(log.body));
      expect(asked.map((log) => log.body).sort()).toEqual(["asked for 1", "asked for 2", "asked for 3"]);
      expect(new Set(asked.map((log) => log.traceId))).toEqual(new Set(served.map((span) => span.traceId)));
      const metrics = new Set(sink.metrics.map((metric) => metric.name));
      expect(metrics).toContain("http.server.request.duration");
      expect([...metrics].some((name) => name.startsWith("v8js.") || name.startsWith("nodejs."))).toBe(true);
      expect(running.stderr).toMatch(library);
      expect(running.stderr).toMatch(
        /otelier: from-manifest \(node [\d.]+, pid \d+\): instrumented .*; sends traces, metrics, logs to http/,
      );
      expect(running.stderr.match(/^otelier: from-manifest \(node/gm)).toHaveLength(1);
      expect(made.status()).toBe("");
    },
  );

  test("express spans are named by their route", async () => {
    const environment = { OTEL_BSP_SCHEDULE_DELAY: "100" };
    const { files } = programs["express as an ES module"]!;
    const running = project(files).run(sink, ["node", "app.mjs"], { environment });
    const [, port] = await running.printed(/listening on (\d+)/);
    await get(`http://127.0.0.1:${port}/api/talks/7`);
    const span = await eventually(() => sink.spans.find((one) => one.kind === 2));
    expect(span?.name).toBe("GET /api/talks/:id");
    expect(span?.attributes["http.route"]).toBe("/api/talks/:id");
    await running.interrupt();
  });

  test("winston's records arrive once, and its lines are printed unchanged", async () => {
    const made = project({
      "app.js": `const winston = require("winston");
        const log = winston.createLogger({ format: winston.format.json(), transports: [new winston.transports.Console()] });
        log.info("from winston"); log.warn("watch out");`,
    });
    const running = made.run(sink, ["node", "app.js"]);
    expect(await running.ended).toBe(0);
    expect(running.stdout).toBe(
      '{"level":"info","message":"from winston"}\n{"level":"warn","message":"watch out"}\n',
    );
    expect(sink.logs.map((log) => log.body)).toEqual(["from winston", "watch out"]);
  });
});

describe.skipIf(skip !== undefined)("otelier run passes through", () => {
  const app = (code: string): Project => project({ "app.js": code });

  test("the exit code of process.exit, with everything that happened before it", async () => {
    const made = app(
      `console.log("before"); process.on("exit", () => console.log("in exit")); process.exit(7);`,
    );
    const running = made.run(sink, ["node", "app.js"]);
    expect(await running.ended).toBe(7);
    expect(sink.logs.map((log) => log.body)).toEqual(["before", "in exit"]);
  });

  test("process.exit within a promise", async () => {
    const running = app(`(async () => { await null; console.error("late"); process.exit(4); })();`).run(
      sink,
      ["node", "app.js"],
    );
    expect(await running.ended).toBe(4);
    expect(sink.logs.map((log) => log.body)).toEqual(["late"]);
    expect(sink.metrics.length).toBeGreaterThan(0);
  });

  test("an uncaught exception", async () => {
    const running = app(`console.log("x"); throw new Error("boom");`).run(sink, ["node", "app.js"]);
    expect(await running.ended).toBe(1);
    expect(running.stderr).toMatch(/Error: boom\n/);
    expect(sink.logs.map((log) => log.body)).toEqual(["x", "exception"]);
    expect(sink.logs[1]?.attributes["exception.message"]).toBe("boom");
  });

  test("a signal listener of the program, once, with its exit code", async () => {
    const code = `let n = 0; process.on("SIGINT", () => { n++; setTimeout(() => { console.log("signals " + n); process.exit(3); }, 300); });
      setInterval(() => {}, 1000); console.log("ready " + process.listenerCount("SIGINT"));`;
    const running = app(code).run(sink, ["node", "app.js"]);
    await running.printed(/ready 1/);
    expect(await running.interrupt()).toBe(3);
    expect(running.stdout).toContain("signals 1");
    expect(sink.logs.map((log) => log.body)).toEqual(["ready 1", "signals 1"]);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s that only the launcher got", async (signal) => {
    const running = app(
      `setInterval(() => {}, 1000); console.log("ready " + process.listenerCount("${signal}"));`,
    ).run(sink, ["node", "app.js"]);
    await running.printed(/ready 0/);
    expect(await running.signalLauncher(signal)).toBe(signal === "SIGTERM" ? 143 : 130);
    expect(sink.logs.map((log) => log.body)).toEqual(["ready 0"]);
  });

  test("Ctrl-C to a program whose event loop is blocked", async () => {
    const running = app(`setTimeout(() => { console.log("ready"); for (;;); }, 100);`).run(sink, [
      "node",
      "app.js",
    ]);
    await running.printed(/ready/);
    expect(await running.interrupt()).toBe(137);
    expect(running.stderr).toContain("was too busy to end on SIGINT");
  });

  test("stdin", async () => {
    const running = app(`process.stdin.on("data", (chunk) => process.stdout.write("got " + chunk));`).run(
      sink,
      ["node", "app.js"],
    );
    running.child.stdin?.end("hello");
    expect(await running.ended).toBe(0);
    expect(running.stdout).toBe("got hello");
  });

  test("a command that is not there", async () => {
    const running = app("").run(sink, ["no-such-command"]);
    expect(await running.ended).toBe(127);
    expect(running.stderr).toContain('otelier: cannot start "no-such-command": not found on the PATH\n');
  });

  test("npm, which is left alone while its script is instrumented", async () => {
    const made = project({
      "package.json": JSON.stringify({ name: "by-npm", scripts: { start: "node app.js" } }),
      "app.js": `console.log("from the script");`,
    });
    const running = made.run(sink, ["npm", "start", "--silent"]);
    expect(await running.ended).toBe(0);
    expect(sink.logs.map((log) => log.body)).toEqual(["from the script"]);
    expect(running.stderr.match(/^otelier: by-npm \(node/gm)).toHaveLength(1);
  });

  test("no stack: the program runs, one line says what to do", async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
    const running = app(`setTimeout(() => console.log("done"), 1500);`).run(sink, ["node", "app.js"], {
      environment,
    });
    expect(await running.ended).toBe(0);
    expect(running.stdout).toBe("done\n");
    expect(
      running.stderr.split("\n").filter((line) => line.includes(`nothing answers at ${endpoint};`)),
    ).toHaveLength(1);
  });

  test("no network and an empty cache: the program runs, one line says what to do", async () => {
    const made = app(`console.log("done");`);
    const environment = {
      npm_config_registry: "http://127.0.0.1:9",
      OTELIER_CACHE: `${made.folder}/node_modules/.agents`,
    };
    const running = made.run(sink, ["node", "app.js"], { environment });
    expect(await running.ended).toBe(0);
    expect(running.stdout).toBe("done\n");
    expect(running.stderr).toContain(
      "otelier: cannot install the Node.js agent: the npm registry does not answer (ECONNREFUSED); connect to the network once",
    );
  });

  test("a program with an SDK of its own, which is left alone", async () => {
    const made = project({
      "package.json": JSON.stringify({ name: "own", dependencies: { "@opentelemetry/sdk-node": "0.200.0" } }),
      "app.js": `console.log("hi");`,
    });
    const running = made.run(sink, ["node", "app.js"]);
    expect(await running.ended).toBe(0);
    expect(running.stderr).toContain(
      "is not instrumented: the program brings its own OpenTelemetry SDK (@opentelemetry/sdk-node 0.200.0)",
    );
    expect(sink.logs).toEqual([]);
  });

  test("names: the option, and OTEL_SERVICE_NAME above it", async () => {
    const made = app(`console.log("hi");`);
    await made.run(sink, ["node", "app.js"], { words: ["--name", "optional"] }).ended;
    await made.run(sink, ["node", "app.js"], {
      words: ["--name", "x"],
      environment: { OTEL_SERVICE_NAME: "chosen" },
    }).ended;
    expect(sink.logs.map((log) => log.service)).toEqual(["optional", "chosen"]);
  });
});
