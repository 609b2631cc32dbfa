import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processTree } from "../../../src/instrument/ebpf/process-tree.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { root, startRun, type Run } from "./go-run.ts";
import { until } from "../until.ts";
import { byPid, startObserver, firstLine } from "./observer.ts";
import { start } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const what = "answers of Go servers";
const refused = (await tracingRefused(what)) ?? withoutGo(what);
const cwd = path.join(root, "test/fixtures/ebpf/answers");

/** Go 1.22 and newer write the route into the request; older ones are watched where they find it. */
const ways = [
  ["the mux that its go.mod asks for", {}],
  ["the mux of Go 1.22", { GODEBUG: "httpmuxgo121=0" }],
  [
    "a kernel that does not tell when bytes move",
    {
      NODE_OPTIONS: `--import ${path.join(root, "test/fixtures/ebpf/refused-command.mjs")}`,
      REFUSED_BPF_COMMAND: "17",
    },
  ],
] as const;

describe.skipIf(refused !== undefined).each(ways)("an HTTP/1 server of Go, with %s", (_, environment) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-answers-"));
  const binary = path.join(folder, "answers");
  const sink = new OtlpSink();
  const agents = [
    new http.Agent({ keepAlive: true, maxSockets: 1 }),
    new https.Agent({ keepAlive: true, maxSockets: 1 }),
  ];
  let run: Run;

  beforeAll(async () => {
    execFileSync("go", ["build", "-ldflags=-s -w", "-o", binary, "."], { cwd });
    await sink.listen();
    run = await startRun(folder, ["--name", "answers", "--endpoint", sink.endpoint, "--", binary], {
      ...environment,
      TMPDIR: folder,
    });
    await until(() => run.report().includes("by eBPF"));
  });
  afterAll(async () => {
    for (const agent of agents) agent.destroy();
    await run.end();
    sink.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const spansOf = (query: string): readonly SunkSpan[] =>
    sink.spans.filter(({ attributes }) => attributes["url.query"] === query);

  /** Over a connection that stays open, so that no end of it tells anything. */
  const ask = async (
    place: string,
    options: http.RequestOptions & { readonly body?: Buffer | string; readonly secure?: boolean } = {},
  ): Promise<{ readonly status: number; readonly bytes: number }> => {
    const { secure = false, body, ...others } = options;
    const [client, agent, base] = secure
      ? ([https, agents[1], run.secureUrl] as const)
      : ([http, agents[0], run.url] as const);
    const request = client.request(`${base}${place}`, { agent, rejectUnauthorized: false, ...others });
    request.end(body);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return { status: response.statusCode ?? 0, bytes };
  };

  test.each<
    [string, string, Parameters<typeof ask>[1], { readonly status: number; readonly bytes: number }, number]
  >([
    ["text", "/text", {}, { status: 200, bytes: 4 }, 0],
    ["nothing", "/nothing", {}, { status: 200, bytes: 0 }, 0],
    ["pieces that leave one by one", "/pieces", {}, { status: 200, bytes: 3 }, 300],
    ["all of an answer before the handler returns", "/whole", {}, { status: 200, bytes: 5 }, 200],
    ["10 MB in chunks", "/many?bytes=10000000", {}, { status: 200, bytes: 10_000_000 }, 0],
    ["10 MB of a length", "/many?length=1&bytes=10000000", {}, { status: 200, bytes: 10_000_000 }, 0],
    ["more than is buffered", "/many?bytes=7000", {}, { status: 200, bytes: 7000 }, 0],
    ["a file", "/file", {}, { status: 200, bytes: 1 << 20 }, 0],
    ["a part of a file", "/file", { headers: { range: "bytes=16-31" } }, { status: 206, bytes: 16 }, 0],
    ["no body, as was asked", "/text", { method: "HEAD" }, { status: 200, bytes: 0 }, 0],
    ["no such place", "/nowhere", {}, { status: 404, bytes: 19 }, 0],
    [
      "an unread body",
      "/unread",
      { method: "POST", body: Buffer.alloc(100_000) },
      { status: 202, bytes: 0 },
      0,
    ],
    [
      "a read body",
      "/read",
      { method: "POST", body: Buffer.alloc(1_000_000) },
      { status: 200, bytes: 64 },
      0,
    ],
    [
      "a body that waits to be asked for",
      "/read",
      { method: "POST", body: "late", headers: { expect: "100-continue" } },
      { status: 200, bytes: 64 },
      0,
    ],
    ["a connection that is not kept", "/text", { agent: false }, { status: 200, bytes: 4 }, 0],
  ])(
    "%s: one span, when it was answered, over plain connections and TLS",
    async (name, place, options, answer, atLeastMs) => {
      for (const secure of [false, true]) {
        const key = `of=${encodeURIComponent(name)}-${secure}`;
        const query = place.includes("?") ? `${place.split("?")[1]}&${key}` : key;
        const began = process.hrtime.bigint();
        expect(await ask(`${place.split("?")[0]}?${query}`, { ...options, secure })).toEqual(answer);
        const tookMs = Number(process.hrtime.bigint() - began) / 1e6;
        // Nothing else is asked of the server meanwhile.
        await expect.poll(() => spansOf(query).length).toBe(1);
        const [span] = spansOf(query);
        expect(span).toMatchObject({
          name: answer.status === 404 ? "GET" : `${options?.method ?? "GET"} ${place.split("?")[0]}`,
          attributes: {
            "http.response.status_code": String(answer.status),
            "url.scheme": secure ? "https" : "http",
          },
        });
        expect(span!.durationMs).toBeGreaterThanOrEqual(atLeastMs);
        // What the handler does when all has left, the client does not wait for.
        expect(span!.durationMs).toBeLessThan(tookMs + (place === "/whole" ? 300 : 1));
      }
    },
  );

  test("an answer that breaks off is a failed span", async () => {
    await expect(ask("/breaks?of=breaks")).rejects.toThrow();
    await expect.poll(() => spansOf("of=breaks").length).toBe(1);
    expect(spansOf("of=breaks")[0]).toMatchObject({ attributes: { "error.type": "_OTHER" } });
  });

  test("requests that come together have a span each", async () => {
    const socket = net.connect(Number(new URL(run.url).port), "127.0.0.1");
    const places = Array.from(
      { length: 20 },
      (_, index) => `/${index % 3 === 0 ? "whole" : "text"}?together=${index}`,
    );
    socket.write(places.map((place) => `GET ${place} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
    const spans = (): readonly SunkSpan[] =>
      sink.spans.filter(({ attributes }) => attributes["url.query"]?.startsWith("together=") === true);
    await expect.poll(() => spans().length, { timeout: 10_000 }).toBe(places.length);
    socket.destroy();
    expect(new Set(spans().map(({ attributes }) => attributes["url.query"]))).toEqual(
      new Set(places.map((place) => place.split("?")[1])),
    );
  });

  test("where other goroutines write to the sockets each request is seen after a moment, and the others still are", async () => {
    const piped = await (await fetch(`${run.url}/piped`)).text();
    const get = async (url: string): Promise<void> => void (await (await fetch(url)).arrayBuffer());
    await expect
      .poll(
        async () => {
          await get(`${piped}/text?of=first`);
          return spansOf("of=first").length;
        },
        { interval: 200 },
      )
      .toBeGreaterThan(0);
    for (let count = 0; count < 50; count++) {
      await get(`${piped}/text?of=piped`);
      await get(`${run.url}/text?of=beside`);
    }
    await expect.poll(() => spansOf("of=piped").length).toBe(50);
    await expect.poll(() => spansOf("of=beside").length).toBe(50);
  });

  test("a client that goes away before it is answered leaves one span", async () => {
    const socket = net.connect(Number(new URL(run.url).port), "127.0.0.1");
    socket.write("GET /pieces?of=gone HTTP/1.1\r\nHost: x\r\n\r\n", () => socket.resetAndDestroy());
    await expect.poll(() => spansOf("of=gone").length).toBe(1);
    expect(spansOf("of=gone")[0]!.durationMs).toBeGreaterThanOrEqual(300);
  });
});

test.skipIf(refused !== undefined)(
  "requests over connections that were open before tracing began are seen",
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-older-"));
    const binary = path.join(folder, "answers");
    execFileSync("go", ["build", "-o", binary, "."], { cwd });
    const sink = new OtlpSink();
    await sink.listen();
    const server = start(binary, [], { TMPDIR: folder });
    await firstLine(server);
    await expect.poll(() => server.stdout()).toMatch(/^http:/m);
    const url = /^http:\S+$/m.exec(server.stdout())![0];
    const agents = Array.from({ length: 5 }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
    const ask = async (agent: http.Agent, query: string): Promise<void> => {
      const [response] = (await once(http.get(`${url}/text?${query}`, { agent }), "response")) as [
        http.IncomingMessage,
      ];
      await once(response.resume(), "end");
    };
    for (const agent of agents) await ask(agent, "before");
    const observer = await startObserver(sink, byPid([server]), [/instrumented net\/http server/]);
    try {
      const count = (query: string): number =>
        sink.spans.filter(({ attributes }) => attributes["url.query"] === query).length;
      const before = links(observer.pid);
      for (const round of ["first", "second", "third"]) {
        for (const agent of agents) await ask(agent, round);
        await ask(new http.Agent(), round);
        await expect.poll(() => count(round), { timeout: 5000 }).toBe(agents.length + 1);
      }
      expect(count("before")).toBe(0);
      // Once each has been seen, no request stops any more.
      await expect.poll(() => links(observer.pid)).toBe(before - 2);
    } finally {
      for (const agent of agents) agent.destroy();
      await observer.end();
      await server.end();
      sink.server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/** How many probes the tracer below a process holds. */
function links(observer: number): number {
  return processTree(observer).reduce((sum, pid) => {
    const folder = `/proc/${pid}/fdinfo`;
    const texts = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));
    return sum + texts.filter((text) => /^link_type:\s+uprobe_multi$/m.test(text)).length;
  }, 0);
}
