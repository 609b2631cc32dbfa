import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../fakes/free-port.ts";
import { processTree } from "../../../src/instrument/ebpf/process-tree.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { nginxConfig } from "./nginx-config.ts";
import { firstLine, fixture, root, spanWhere, startObserver, traceId } from "./observer.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("spans of programs that run already");
const nginx = has("nginx", ["-v"], "a server in C");
const ruby = has("ruby", ["-e", 'require "webrick"'], "a server in Ruby");
/** Whether we see the processes of all namespaces, as on a host with containers. */
const isFirstNamespace = readlinkSync("/proc/self/ns/pid") === "pid:[4026531836]";
const unshare = isFirstNamespace && has("unshare", ["--version"], "a server in a namespace of its own");
const sleepMs = 200;
/** Timers of Node.js may fire a millisecond early. */
const slackMs = 2;
/** Less than the kernel waits with an acknowledgement. */
const waitMs = 30;
const serverDuration = "http.server.request.duration";

/** Programs that nobody instrumented, found by their ports while they run. */
describe.skipIf(refused !== undefined)("otelier ebpf", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-observe-"));
  const sink = new OtlpSink();
  const servers: Started[] = [];
  const ports = new Map<string, number>();
  const pids = new Map<string, number>();
  let observer: Started;
  let apart: Started | undefined;
  let engine: ChildProcess;

  beforeAll(async () => {
    await sink.listen();
    servers.push(start("python3", [fixture("slow.py"), "0"], { OTEL_SERVICE_NAME: "py-shop" }));
    servers.push(start(process.execPath, [fixture("slow.mjs")], {}));
    servers.push(
      start(process.execPath, [fixture("slow.mjs")], { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint }),
    );
    // What looks for changes of its own code, and what has the engine in it; each is a Node.js of its own, because probes are in files.
    const disguised = path.join(folder, "clickhouse-server");
    copyFileSync(process.execPath, disguised);
    servers.push(start(disguised, [fixture("slow.mjs")], {}));
    const ownNode = path.join(folder, "engine-node");
    copyFileSync(process.execPath, ownNode);
    const options = {
      databaseDirectory: path.join(folder, "database"),
      socketPath: path.join(folder, "engine.sock"),
      memoryBytes: 512 * 1024 ** 2,
      temporaryDirectory: path.join(folder, "temporary"),
      lockPath: path.join(folder, "engine.pid"),
    };
    const engineMain = path.join(root, "dist/storage/clickhouse/engine/main.js");
    engine = fork(engineMain, [JSON.stringify(options)], { execPath: ownNode, execArgv: [] });
    const [answer] = await once(engine, "message");
    expect(answer).toMatchObject({ kind: "ready" });
    const names = ["python", "node", "own-sdk", "clickhouse"];
    for (const [index, server] of servers.entries()) {
      ports.set(names[index]!, Number(await firstLine(server)));
      pids.set(names[index]!, server.pid);
    }
    if (ruby) {
      const server = start("ruby", [fixture("slow.rb")], {});
      servers.push(server);
      ports.set("ruby", Number(await firstLine(server)));
      pids.set("ruby", server.pid);
    }
    if (unshare) {
      // As a container has it: to itself it is process 1.
      const server = ["--pid", "--fork", "--kill-child", "python3", fixture("slow.py"), "0"];
      apart = start("unshare", server, { OTEL_SERVICE_NAME: "py-apart" });
      ports.set("apart", Number(await firstLine(apart)));
      pids.set("apart", apart.pid);
    }
    if (nginx) {
      ports.set("nginx", await freePort());
      const file = path.join(folder, "nginx.conf");
      writeFileSync(file, nginxConfig(folder, ports.get("nginx")!, ports.get("python")!));
      const server = start("nginx", ["-c", file, "-p", folder, "-g", "daemon off;"], {});
      servers.push(server);
      pids.set("nginx", server.pid);
    }
    const { python, ["own-sdk"]: reporting, ...others } = Object.fromEntries(ports);
    const configuration = path.join(folder, "beyla.yaml");
    writeFileSync(
      configuration,
      `discovery: {instrument: [{languages: ruby, open_ports: ${others["ruby"] ?? 1}, name: ruby}, {exe_path: "${ownNode}"}, {open_ports: "${Object.values(others).join(",")}"}]}
routes: {patterns: [/order], ignored_patterns: [/ignored], unmatched: unset}
otel_metrics_export: {endpoint: "${sink.endpoint}", interval: 300ms}
`,
    );
    const lines = [/py-shop .*observes/, /node .*observes/];
    if (unshare) lines.push(/py-apart .*observes/);
    if (ruby) lines.push(/ruby.* .*observes/);
    if (nginx) lines.push(/nginx .*observes[^]*nginx .*observes/);
    const selected = ["--config", configuration, "--port", String(python)];
    observer = await startObserver(sink, selected, lines, { BEYLA_OPEN_PORT: String(reporting) });
  });
  afterAll(async () => {
    await Promise.all([observer, ...servers].map((each) => each.end()));
    // It waits for its child, which as process 1 ignores what it does not handle.
    await apart?.end("SIGKILL");
    engine.disconnect();
    await once(engine, "exit");
    sink.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const programs: [name: string, service: string][] = [
    ["python", "py-shop"],
    ["node", "node"],
  ];
  if (unshare) programs.push(["apart", "py-apart"]);
  if (ruby) programs.push(["ruby", "ruby"]);
  if (nginx) programs.push(["nginx", "nginx"]);

  test.each(programs)(
    "%s: status, and a duration between the handler's and the client's",
    async (name, service) => {
      const trace = traceId();
      const url = `http://127.0.0.1:${ports.get(name)}/slow?sku=7`;
      const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
      const before = performance.now();
      await (await fetch(url, { headers })).text();
      const measured = performance.now() - before;
      const span = await spanWhere(
        sink,
        (each) => each.traceId === trace && each.service === service && each.kind === 2,
      );
      expect(span).toMatchObject({
        name: "GET",
        parentSpanId: "00f067aa0ba902b7",
        scope: "otelier.ebpf.http",
        attributes: {
          "http.request.method": "GET",
          "http.response.status_code": "200",
          "url.path": "/slow",
          "url.query": "sku=7",
          "url.scheme": "http",
          "server.address": "127.0.0.1",
          "server.port": String(ports.get(name)),
          "network.protocol.version": "1.1",
        },
      });
      expect(span.durationMs).toBeGreaterThan(sleepMs - slackMs);
      expect(span.durationMs).toBeLessThan(measured);
    },
  );

  test.each(programs)("%s: a chunked answer lasts until its last chunk", async (name, service) => {
    const trace = traceId();
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    await (await fetch(`http://127.0.0.1:${ports.get(name)}/chunked`, { headers })).text();
    const span = await spanWhere(
      sink,
      (each) => each.traceId === trace && each.service === service && each.kind === 2,
    );
    expect(span.durationMs).toBeGreaterThan(sleepMs - slackMs);
  });

  test("an answer that is written at once lasts until its reader has taken it", async () => {
    const trace = traceId();
    const socket = net.connect(ports.get("python")!, "127.0.0.1");
    socket.write(`GET /large HTTP/1.1\r\nHost: shop\r\ntraceparent: 00-${trace}-00f067aa0ba902b7-01\r\n\r\n`);
    await once(socket, "readable");
    await new Promise((resolve) => setTimeout(resolve, sleepMs));
    let bytes = 0;
    socket.on("data", (data) => (bytes += data.length));
    await expect.poll(() => bytes).toBeGreaterThan(32 << 20);
    socket.destroy();
    const span = await spanWhere(sink, (each) => each.traceId === trace && each.service === "py-shop");
    expect(span.durationMs).toBeGreaterThan(sleepMs - slackMs);
  });

  test.each(programs)(
    "%s: requests one after another and at once, each with its own span",
    async (name, service) => {
      const port = ports.get(name);
      const trace = traceId();
      const ask = async (index: number): Promise<void> => {
        const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
        const body = "GET /not-a-request HTTP/1.1\r\n".repeat(100);
        const missing = index % 2 === 0;
        const options = missing ? { headers } : { method: "POST", body, headers };
        await (
          await fetch(`http://127.0.0.1:${port}/${missing ? "missing" : "order"}?n=${index}`, options)
        ).text();
      };
      for (let index = 0; index < 10; index++) await ask(index);
      await Promise.all(Array.from({ length: 40 }, (_, index) => ask(10 + index)));
      const spans = (): readonly SunkSpan[] =>
        sink.spans.filter((each) => each.traceId === trace && each.service === service && each.kind === 2);
      await expect.poll(() => spans().length).toBe(50);
      const seen = spans().map(({ attributes }) =>
        [
          attributes["url.query"],
          attributes["http.request.method"],
          attributes["http.response.status_code"],
        ].join(" "),
      );
      const expected = Array.from(
        { length: 50 },
        (_, index) => `n=${index} ${index % 2 === 0 ? "GET 404" : "POST 200"}`,
      );
      expect(seen.toSorted()).toEqual(expected.toSorted());
    },
  );

  test.each(programs)("%s: metrics count every request, also those without a span", async (name, service) => {
    const trace = traceId();
    for (let index = 0; index < 30; index++) {
      const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-0${index % 3 === 0 ? 1 : 0}` };
      await (
        await fetch(`http://127.0.0.1:${ports.get(name)}/order`, { method: "PUT", headers, body: "x" })
      ).text();
    }
    const counted = (): readonly string[] =>
      (
        sink.metrics.findLast((each) => each.service === service && each.name === serverDuration)
          ?.histograms ?? []
      )
        .filter(({ attributes }) => attributes["http.request.method"] === "PUT")
        .map(
          ({ attributes, count }) =>
            `${attributes["http.route"]} ${attributes["http.response.status_code"]} ${count}`,
        );
    const status = name === "node" || name === "ruby" ? 200 : 501;
    await expect.poll(counted).toEqual([`/order ${status} 30`]);
    await fetch(`http://127.0.0.1:${ports.get(name)}/ignored`, {
      headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    });
    await (
      await fetch(`http://127.0.0.1:${ports.get(name)}/last`, {
        headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
      })
    ).text();
    await spanWhere(sink, (each) => each.traceId === trace && each.attributes["url.path"] === "/last");
    const spans = sink.spans.filter(
      (each) => each.traceId === trace && each.service === service && each.kind === 2,
    );
    expect(spans.map(({ name }) => name).toSorted()).toEqual(["GET", ...Array(10).fill("PUT /order")]);
  });

  test.each(programs)(
    "%s: the last packet of an answer ends it, also when TCP waits with it",
    async (name, service) => {
      // Python and Ruby write head and body apart, of which Nagle's algorithm keeps the body until the head is acknowledged, as the kernel does some 40 ms later.
      const trace = traceId();
      const connection = net.connect({ host: "127.0.0.1", port: ports.get(name)!, noDelay: true });
      await once(connection, "connect");
      const measured: number[] = [];
      for (let index = 0; index < 12; index++) {
        const before = performance.now();
        connection.write(
          `GET /order?n=${index} HTTP/1.1\r\nHost: shop\r\ntraceparent: 00-${trace}-00f067aa0ba902b7-01\r\n\r\n`,
        );
        let answer = "";
        while (!answer.endsWith("ok\n"))
          answer += ((await once(connection, "data")) as [Buffer])[0].toString();
        measured.push(performance.now() - before);
      }
      if (name === "python" || name === "ruby") expect(Math.max(...measured)).toBeGreaterThan(waitMs);
      for (const [index, measuredMs] of measured.entries()) {
        const span = await spanWhere(
          sink,
          (each) =>
            each.traceId === trace &&
            each.service === service &&
            each.kind === 2 &&
            each.attributes["url.query"] === `n=${index}`,
        );
        expect(span.durationMs).toBeLessThan(measuredMs);
        if (measuredMs > waitMs) expect(span.durationMs).toBeGreaterThan(measuredMs / 2);
      }
      connection.destroy();
    },
  );

  test.each(programs)(
    "%s: a request lasts from its first packet, however late it is read",
    async (name, service) => {
      const trace = traceId();
      const connection = net.connect(ports.get(name)!, "127.0.0.1");
      await once(connection, "connect");
      const ask = async (index: number): Promise<void> => {
        connection.write(
          `GET /order?n=${index} HTTP/1.1\r\nHost: shop\r\ntraceparent: 00-${trace}-00f067aa0ba902b7-01\r\n\r\n`,
        );
        let answer = "";
        while (!answer.endsWith("ok\n"))
          answer += ((await once(connection, "data")) as [Buffer])[0].toString();
      };
      for (let index = 0; index < 12; index++) await ask(index);
      // Of a connection that has been used for a while the kernel acknowledges later, by which it has last had to do with it.
      const stopped = processTree(pids.get(name)!);
      for (const pid of stopped) process.kill(pid, "SIGSTOP");
      try {
        const answered = ask(12);
        await new Promise((resolve) => setTimeout(resolve, sleepMs));
        for (const pid of stopped) process.kill(pid, "SIGCONT");
        await answered;
      } finally {
        for (const pid of stopped) process.kill(pid, "SIGCONT");
      }
      const isIt = (each: SunkSpan): boolean =>
        each.traceId === trace &&
        each.service === service &&
        each.kind === 2 &&
        each.attributes["url.query"] === "n=12";
      expect((await spanWhere(sink, isIt)).durationMs).toBeGreaterThan(sleepMs - slackMs);
      connection.destroy();
    },
  );

  test("a request that nobody reads yet lasts from when it came", async () => {
    const trace = traceId();
    const server = servers[0]!.pid;
    process.kill(server, "SIGSTOP");
    try {
      const socket = net.connect(ports.get("python")!, "127.0.0.1");
      const request = `GET /order HTTP/1.1\r\nHost: shop\r\nConnection: close\r\ntraceparent: 00-${trace}-00f067aa0ba902b7-01\r\n\r\n`;
      await new Promise((resolve) => socket.write(request, resolve));
      await new Promise((resolve) => setTimeout(resolve, sleepMs));
      process.kill(server, "SIGCONT");
      socket.resume();
      await once(socket, "close");
    } finally {
      process.kill(server, "SIGCONT");
    }
    const span = await spanWhere(sink, (each) => each.traceId === trace);
    expect(span.durationMs).toBeGreaterThan(sleepMs - slackMs);
  });

  test.skipIf(!nginx)("what nginx asks of Python is a client span below its server span", async () => {
    await (await fetch(`http://127.0.0.1:${ports.get("nginx")}/order?alone=1`)).text();
    const client = await spanWhere(
      sink,
      (each) => each.kind === 3 && (each.attributes["url.full"] ?? "").includes("alone=1"),
    );
    const server = await spanWhere(sink, (each) => each.spanId === client.parentSpanId);
    expect([client.service, server.service, server.kind]).toEqual(["nginx", "nginx", 2]);
    expect(server.traceId).toBe(client.traceId);
  });

  test("a program that exports by itself is left alone, and said", async () => {
    await expect
      .poll(() => observer.stderr())
      .toMatch(/node \(pid \d+\) is not observed: it reports by itself: OTEL_EXPORTER_OTLP_ENDPOINT is set/);
  });

  test("ClickHouse and the engine are left alone though port and path match, and said", async () => {
    await expect
      .poll(() => observer.stderr())
      .toMatch(/clickhouse-server \(pid \d+\) is not observed: ClickHouse is never observed/);
    await expect
      .poll(() => observer.stderr())
      .toMatch(/engine-node \(pid \d+\) is not observed: it is part of Otelier/);
    const trace = traceId();
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    for (const name of ["clickhouse", "node"])
      await (await fetch(`http://127.0.0.1:${ports.get(name)}/order`, { headers })).text();
    // Both answered; the later one's span is there, and the earlier one's is not.
    await spanWhere(sink, (each) => each.traceId === trace && each.service === "node");
    expect(sink.spans.filter((each) => each.traceId === trace)).toHaveLength(1);
    expect(sink.metrics.map(({ service }) => service)).not.toContain("clickhouse-server");
    expect([engine.exitCode, engine.signalCode]).toEqual([null, null]);
  });

  test("it ends when asked to, with nothing lost", async () => {
    expect(await observer.end("SIGINT")).toBe(0);
    expect(observer.stderr()).not.toContain("lost");
  });
});

/** The absence of a program is an error where everything has to be tested. */
function has(command: string, args: readonly string[], what: string): boolean {
  if (spawnSync(command, args).status === 0) return true;
  if (process.env["CI"] === "true") throw new Error(`cannot observe ${what}: ${command} is missing`);
  process.stderr.write(`skipped: spans of ${what}: ${command} is not installed\n`);
  return false;
}
