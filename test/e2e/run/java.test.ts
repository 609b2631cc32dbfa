import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { javaAgentJar, javaHook } from "../../../src/instrument/java/agent.ts";
import { freePort } from "../../fakes/free-port.ts";
import { agentsCache, eventually, get, installAgent, missing, Project, testSink } from "./harness.ts";

const server = `
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.logging.Logger;

public class Stock {
  public static void main(String[] arguments) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/api/stock", exchange -> {
      Logger.getLogger("stock").info("asked for " + exchange.getRequestURI().getPath());
      byte[] body = "{\\"left\\":3}".getBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    System.out.println("stock on " + server.getAddress().getPort());
  }
}
`;
/** Starts the Java program as its child, as a shell script would, and asks it. */
const front = `
const { createServer } = require("node:http");
const child = require("node:child_process").spawn("java", ["-cp", "classes", "Stock"], { stdio: ["ignore", "pipe", "inherit"] });
child.stdout.on("data", (chunk) => {
  const stock = /stock on (\\d+)/.exec(chunk)?.[1];
  if (stock === undefined) return;
  const server = createServer(async (request, response) => {
    response.end(await (await fetch("http://127.0.0.1:" + stock + "/api/stock/7")).text());
  });
  server.listen(0, "127.0.0.1", () => console.log("front on " + server.address().port));
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.on("exit", () => process.exit(0)));
`;

const skip = missing("java") ?? missing("node");
const sink = testSink();

function project(files: Readonly<Record<string, string>>): Project {
  const made = new Project({ "Stock.java": server, ...files });
  execFileSync("javac", ["-d", "classes", "Stock.java"], { cwd: made.folder });
  return made;
}

describe.skipIf(skip !== undefined)("otelier run with Java", () => {
  beforeAll(() => installAgent("java"));

  test("a server that a Node.js program starts and asks: one trace, logs in it, metrics, one line, nothing lost at Ctrl-C", async () => {
    const running = project({ "front.cjs": front }).run(sink, ["node", "front.cjs"], {
      words: ["--name", "shop"],
      environment: { OTEL_METRIC_EXPORT_INTERVAL: "500" },
    });
    const [, port] = await running.printed(/front on (\d+)/);
    expect(await get(`http://127.0.0.1:${port}/`, running)).toBe('{"left":3}');
    // The agent ends these before its last export, so they are waited for.
    expect(
      await eventually(() => sink.metrics.find((metric) => metric.name === "jvm.memory.used")),
    ).toBeDefined();
    expect(await running.interrupt()).toBe(0);

    const served = sink.spans.find((span) => span.scope === "io.opentelemetry.java-http-server");
    expect(served).toMatchObject({ service: "shop", name: "GET /api/stock", kind: 2 });
    const asking = sink.spans.find((span) => span.spanId === served?.parentSpanId);
    expect(asking).toMatchObject({ kind: 3, traceId: served?.traceId });
    expect(sink.logs.find((log) => log.body === "asked for /api/stock/7")?.traceId).toBe(served?.traceId);
    const metrics = new Set(sink.metrics.map((metric) => metric.name));
    expect(metrics).toContain("http.server.request.duration");
    expect(running.stderr).toMatch(
      /^otelier: shop \(java \d+\.\d+, pid \d+\): .*; sends traces, metrics, logs to http:\/\/127\.0\.0\.1:\d+$/m,
    );
    // On a busy machine in a line of its own, "also instrumented ...".
    expect(running.stderr).toMatch(/^otelier: shop \(.*pid \d+\): .*instrumented [^;]*jdk\.httpserver/m);
  });

  test("an agent that cannot be downloaded is said, with its remedy, and the program runs all the same", async () => {
    const made = project({});
    const running = made.run(sink, ["java", "-cp", "classes", "Stock"], {
      environment: {
        HOME: made.folder,
        OTELIER_CACHE: path.join(made.folder, "cache"),
        OTELIER_MAVEN_REPOSITORY: `http://127.0.0.1:${await freePort()}`,
      },
    });
    await running.printed(/stock on \d+/);
    await running.printed(
      /otelier: java \d+\.\d+ is not instrumented: its OpenTelemetry agent is not installed yet; run: otelier setup java/,
    );
    expect(running.stderr).toMatch(
      /^otelier: cannot install the Java agent: 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\); connect to the network once and run "otelier setup java", or/m,
    );
    await running.interrupt();
  });

  test.each([
    [
      "an agent of the program's own",
      [`-javaagent:${javaAgentJar(agentsCache)}`],
      {},
      "brings its own OpenTelemetry agent",
    ],
    [
      "an agent that is no jar",
      [],
      { OTELIER_JAVA_AGENT: import.meta.filename },
      "agent cannot be loaded: java",
    ],
    ["no agent", [], { OTELIER_JAVA_AGENT: "/no/such.jar" }, "agent is not installed yet"],
    ["an SDK that is turned off", [], { OTEL_SDK_DISABLED: "true" }, "OTEL_SDK_DISABLED is true"],
    ["a process that is not asked for", [], { OTELIER_OFF: "install" }, undefined],
  ])("%s: the hook says why and lets the program run", (_name, options, environment, reason) => {
    const made = new Project({
      "Plain.java": "public class Plain { public static void main(String[] a) { System.out.println(1); } }",
      "run/status/.keep": "",
    });
    execFileSync("javac", ["-d", "classes", "Plain.java"], { cwd: made.folder });
    const none = { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };
    const ran = spawnSync("java", [...options, "-cp", "classes", "Plain"], {
      cwd: made.folder,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        JAVA_TOOL_OPTIONS: `-javaagent:${javaHook}`,
        OTELIER_RUN_DIR: path.join(made.folder, "run"),
        OTELIER_JAVA_AGENT: javaAgentJar(agentsCache),
        ...none,
        ...environment,
      },
    });
    expect(ran.stdout, ran.stderr).toBe("1\n");
    const said = readdirSync(path.join(made.folder, "run/status")).filter((name) => name.endsWith(".jsonl"));
    const events = said.map((name) => readFileSync(path.join(made.folder, "run/status", name), "utf8"));
    if (reason === undefined) expect(events).toEqual([]);
    else
      expect(events).toEqual([expect.stringMatching(new RegExp(`^{"event":"left-alone".*${reason}.*}\n$`))]);
  });

  test("the JDK's own tools are left alone", async () => {
    const made = project({});
    const running = made.run(sink, ["javac", "-d", "again", "Stock.java"]);
    expect(await running.ended).toBe(0);
    expect(running.stderr).not.toMatch(/^otelier: .*java/m);
    expect(sink.spans).toEqual([]);
  });
});

if (skip === undefined) {
  test("this package has the hook", () => {
    expect(existsSync(javaHook), "run npm run build").toBe(true);
    expect(spawnSync("javac", ["-version"]).status).toBe(0);
  });
}
