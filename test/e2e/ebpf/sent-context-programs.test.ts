import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../until.ts";
import { freePort } from "../../fakes/free-port.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { Callee, contextOf, largeBytes, type Called } from "./callee.ts";
import { byPid, firstLine, fixture, root, spanWhere, startObserver, traceId } from "./observer.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("trace context of requests that nginx and Ruby send");
const programs: ["nginx" | "ruby", boolean][] = [
  ["nginx", has("nginx", ["-v"])],
  ["ruby", has("ruby", ["-e", 'require "webrick"'])],
];

describe.skipIf(refused !== undefined).each(programs.filter(([, isThere]) => isThere))("%s", (name) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-sent-"));
  const sink = new OtlpSink();
  const callee = new Callee();
  let program: Started;
  let observer: Started;
  let port: number;

  beforeAll(async () => {
    await sink.listen();
    await once(callee.server.listen(0, "127.0.0.1"), "listening");
    const upstream = (callee.server.address() as AddressInfo).port;
    if (name === "nginx") {
      port = await freePort();
      const file = path.join(folder, "nginx.conf");
      writeFileSync(file, nginxConfig(folder, port, upstream));
      program = start("nginx", ["-c", file, "-p", folder, "-g", "daemon off;"], {});
    } else {
      program = start("ruby", [fixture("caller.rb"), String(upstream)], {});
      port = Number(await firstLine(program));
    }
    const line = name === "nginx" ? /nginx .*observes[^]*nginx .*observes/ : /ruby.* .*observes/;
    observer = await startObserver(sink, ["--port", String(port)], [line]);
  });
  afterAll(async () => {
    await Promise.all([observer, program].map((each) => each.end()));
    for (const { server } of [callee, sink]) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (id: string, query = ""): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/called?id=${id}${query}`);
    expect(answer.status).toBe(200);
    return (await answer.arrayBuffer()).byteLength;
  };

  /** Whether it is below the request with its own id, by the spans between them, or a root. */
  const expectOwn = async (called: Called, id: string): Promise<"child" | "root"> => {
    const [trace, span] = contextOf(called);
    const client = await spanWhere(sink, ({ spanId }) => spanId === span);
    expect(client).toMatchObject({ kind: 3, traceId: trace });
    if (client.parentSpanId === "") return "root";
    const server = await spanWhere(sink, ({ spanId }) => spanId === client.parentSpanId);
    expect(server).toMatchObject({ kind: 2, traceId: trace, parentSpanId: "" });
    expect(server.attributes["url.query"]).toBe(`id=${id}`);
    return "child";
  };

  test("what it sends for a request belongs to that", async () => {
    await ask("one");
    expect(await expectOwn(callee.byId("one")[0]!, "one")).toBe("child");
  });

  test("of 50 requests at a time none belongs to another one's", async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `many-${index}`);
    await Promise.all(ids.map((id) => ask(id)));
    const children: string[] = [];
    for (const id of ids) {
      const [called] = callee.byId(id);
      if (called!.traceparents.length === 0) continue;
      if ((await expectOwn(called!, id)) === "child") children.push(id);
    }
    if (name === "ruby") expect(children).toHaveLength(50);
  });

  test("large answers arrive whole, one after another over connections that are kept", async () => {
    for (let round = 0; round < 5; round++) {
      const bytes = await ask(`large-${round}`, "&large=1");
      expect(bytes).toBe(name === "nginx" ? largeBytes : 3);
    }
  });
});

const noGo = refused ?? withoutGo("trace context from Go to Python");

test.skipIf(noGo !== undefined)(
  "Go asks Python asks others: one trace, by both ways of putting it in at once",
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-sent-"));
    const binary = path.join(folder, "relay");
    execFileSync("go", ["build", "-o", binary, "."], { cwd: path.join(root, "test/fixtures/ebpf/go") });
    const sink = new OtlpSink();
    await sink.listen();
    const callee = new Callee();
    await once(callee.server.listen(0, "127.0.0.1"), "listening");
    const upstream = String((callee.server.address() as AddressInfo).port);
    const programs = [start(binary, [], {}), start("python3", [fixture("caller.py"), "0", upstream], {})];
    const [relay, caller] = programs as [Started, Started];
    const python = await firstLine(caller);
    const address = (): string | undefined => /^http:\/\/\S+$/m.exec(relay.stdout())?.[0];
    await until(() => address() !== undefined);
    const lines = [/relay .*traces/, /python.* .*observes/];
    const observer = await startObserver(sink, byPid(programs), lines);
    try {
      const traces = Array.from({ length: 20 }, traceId);
      await Promise.all(
        traces.map(async (trace) => {
          const to = encodeURIComponent(`http://127.0.0.1:${python}/ask?id=${trace}`);
          const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
          expect((await fetch(`${address()}/forward/?to=${to}`, { headers })).status).toBe(200);
        }),
      );
      for (const trace of traces) {
        const [of, id] = contextOf(callee.byId(trace)[0]!);
        expect(of).toBe(trace);
        // From the last to the first: the client and the server in Python, then those in Go.
        let above = id;
        for (const [scope, kind] of [
          ["otelier.ebpf.http", 3],
          ["otelier.ebpf.http", 2],
          ["", 3],
          ["", 2],
        ] as const) {
          const span = await spanWhere(sink, ({ spanId }) => spanId === above);
          expect(span).toMatchObject({ traceId: trace, kind });
          if (scope !== "") expect(span.scope).toBe(scope);
          above = span.parentSpanId;
        }
        expect(above).toBe("00f067aa0ba902b7");
      }
    } finally {
      await Promise.all([observer, ...programs].map((each) => each.end()));
      callee.server.closeAllConnections();
      callee.server.close();
      await sink.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

function has(command: string, args: readonly string[]): boolean {
  if (spawnSync(command, args).status === 0) return true;
  if (process.env["CI"] === "true") throw new Error(`cannot observe ${command}: it is missing`);
  process.stderr.write(`skipped: trace context of requests that ${command} sends: it is not installed\n`);
  return false;
}

function nginxConfig(folder: string, port: number, upstream: number): string {
  return `worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  upstream callee { server 127.0.0.1:${upstream}; keepalive 8; }
  server { listen 127.0.0.1:${port}; location / { proxy_http_version 1.1; proxy_max_temp_file_size 0; proxy_set_header Connection ""; proxy_pass http://callee; } }
}
`;
}
