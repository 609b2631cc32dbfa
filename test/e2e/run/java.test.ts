import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { javaHook } from "../../../src/instrument/java/agent.ts";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { eventually, freePort, get, missing, Project, type Run } from "./harness.ts";

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
const sink = new OtlpSink();
const projects: Project[] = [];
let running: Run | undefined;

beforeAll(() => sink.listen());
afterAll(async () => {
  await sink.close();
  for (const project of projects) project.remove();
});
afterEach(async () => {
  if (running !== undefined && !running.over) await running.signalGroup("SIGKILL");
  sink.clear();
});

function project(files: Readonly<Record<string, string>>): Project {
  const made = new Project({ "Stock.java": server, ...files });
  projects.push(made);
  execFileSync("javac", ["-d", "classes", "Stock.java"], { cwd: made.folder });
  return made;
}

describe.skipIf(skip !== undefined)("otelier run with Java", () => {
  test("a server that a Node.js program starts and asks: one trace, logs in it, metrics, one line, nothing lost at Ctrl-C", async () => {
    running = project({ "front.cjs": front }).run(sink, ["node", "front.cjs"], { words: ["--name", "shop"] });
    const [, port] = await running.printed(/front on (\d+)/, 180_000);
    expect(await get(`http://127.0.0.1:${port}/`, running)).toBe('{"left":3}');
    // The agent ends these before its last export, so they are waited for; every 5 s.
    expect(
      await eventually(() => sink.metrics.find((metric) => metric.name === "jvm.memory.used"), 60_000),
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
    running = made.run(sink, ["java", "-cp", "classes", "Stock"], {
      environment: {
        HOME: made.folder,
        OTELIER_CACHE: path.join(made.folder, "cache"),
        OTELIER_MAVEN_REPOSITORY: `http://127.0.0.1:${await freePort()}`,
      },
    });
    await running.printed(/stock on \d+/, 120_000);
    await running.printed(
      /otelier: java \d+\.\d+ is not instrumented: its OpenTelemetry agent is not installed yet; run: otelier setup java/,
    );
    expect(running.stderr).toMatch(
      /^otelier: cannot install the Java agent: 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\); connect to the network once and run "otelier setup java", or/m,
    );
    await running.interrupt();
  });

  test("the JDK's own tools are left alone", async () => {
    const made = project({});
    running = made.run(sink, ["javac", "-d", "again", "Stock.java"]);
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
