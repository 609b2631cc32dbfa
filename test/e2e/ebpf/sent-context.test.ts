import { createHash, randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoadedObject } from "../../../src/instrument/ebpf/kernel/bpf.ts";
import { readObject } from "../../../src/instrument/ebpf/object-file.ts";
import { startSentContext } from "../../../src/instrument/ebpf/sent-context.ts";
import { SyscallTracer, type SentContext } from "../../../src/instrument/ebpf/syscalls/syscall-tracer.ts";
import { Callee, contextOf, type Called } from "./callee.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { byPid, firstLine, fixture, spanWhere, startObserver, traceId } from "./observer.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("trace context of requests that programs of any language send");

/** Takes bytes, and answers at their end. */
class RawCallee {
  readonly connections: Buffer[] = [];
  readonly server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
    socket.on("end", () => {
      this.connections.push(Buffer.concat(chunks));
      socket.end("0123456789");
    });
  });
}

function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

test.skipIf(refused !== undefined)(
  "a kernel that refuses a program for it still observes, and says why",
  () => {
    const { maps, programs } = readObject("syscalls");
    const broken = programs.map((each) =>
      each.name === "serving_head" ? { ...each, instructions: Buffer.alloc(8), mapLoads: new Map() } : each,
    );
    const start = (object: LoadedObject): SentContext => startSentContext(readObject("context"), object);
    const tracer = new SyscallTracer({ maps, programs: broken }, start);
    expect(tracer.contextRefused).toMatch(/cannot load program "serving_head"/);
    tracer.observe(process.pid, { propagates: true, keeps: true, steady: true });
    tracer.endContext();
  },
);

describe.skipIf(refused !== undefined)("requests that observed programs send", () => {
  const sink = new OtlpSink();
  const callee = new Callee();
  const raw = new RawCallee();
  const programs: Started[] = [];
  const ports: number[] = [];
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-sent-"));
  let observer: Started;

  beforeAll(async () => {
    await sink.listen();
    for (const { server } of [callee, raw]) await once(server.listen(0, "127.0.0.1"), "listening");
    const port = String(portOf(callee.server));
    const python = [fixture("caller.py"), "0", port];
    programs.push(start("python3", python, { OTEL_SERVICE_NAME: "caller" }));
    programs.push(start("python3", python, { OTEL_SERVICE_NAME: "silent", OTEL_PROPAGATORS: "none" }));
    programs.push(start(process.execPath, [fixture("caller.mjs"), port], { OTEL_SERVICE_NAME: "loop" }));
    // Any program that is not known to need no such care.
    const where = "import os, sys; print(os.path.realpath(sys.executable)); print(sys.base_prefix)";
    const [own = "", home = ""] = spawnSync("python3", ["-c", where], { encoding: "utf8" }).stdout.split(
      "\n",
    );
    const unknown = path.join(folder, "shop");
    copyFileSync(own, unknown);
    programs.push(start(unknown, python, { OTEL_SERVICE_NAME: "unknown", PYTHONHOME: home }));
    for (const program of programs) ports.push(Number(await firstLine(program)));
    const lines = ["caller", "silent", "loop", "unknown"].map((name) => new RegExp(`${name} .*observes`));
    observer = await startObserver(sink, byPid(programs), lines);
  });
  afterAll(async () => {
    await Promise.all([observer, ...programs].map((each) => each.end()));
    for (const { server } of [callee, raw, sink]) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (
    path: string,
    { program = 0, trace = "", flags = "01", body = undefined as Buffer | string | undefined } = {},
  ): Promise<string> => {
    const traceparent = trace === "" ? {} : { traceparent: `00-${trace}-00f067aa0ba902b7-${flags}` };
    const method = body === undefined ? "GET" : "POST";
    const answer = await fetch(`http://127.0.0.1:${ports[program]}${path}`, {
      method,
      headers: traceparent,
      ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
    });
    expect(answer.status).toBe(200);
    return await answer.text();
  };
  const span = (id: string): Promise<SunkSpan> => spanWhere(sink, ({ spanId }) => spanId === id);

  /** Whether the call is below the request `trace`, by way of the spans of the program between them. */
  const expectBelow = async (called: Called, trace: string): Promise<void> => {
    const [of, id] = contextOf(called);
    expect(of).toBe(trace);
    const client = await span(id);
    expect(client).toMatchObject({ kind: 3, traceId: trace });
    expect(await span(client.parentSpanId)).toMatchObject({
      kind: 2,
      traceId: trace,
      parentSpanId: "00f067aa0ba902b7",
    });
  };

  test("belong to the span that their header names, below the request that the thread answers", async () => {
    const trace = traceId();
    await ask("/ask?id=first", { trace });
    const [called] = callee.byId("first");
    await expectBelow(called!, trace);
  });

  test("begin with the request that comes without a caller", async () => {
    await ask("/ask?id=root");
    const [trace, id] = contextOf(callee.byId("root")[0]!);
    const server = await span((await span(id)).parentSpanId);
    expect(server).toMatchObject({ kind: 2, traceId: trace, parentSpanId: "" });
  });

  test("say that the caller is not sampled", async () => {
    const trace = traceId();
    await ask("/ask?id=unsampled", { trace, flags: "00" });
    const [of, , flags] = contextOf(callee.byId("unsampled")[0]!);
    expect([of, flags]).toEqual([trace, "00"]);
  });

  test("carry it each over a connection that is kept, also behind a body of 1 MB, which stays as it is", async () => {
    const trace = traceId();
    const body = randomBytes(1 << 20);
    await ask("/again?id=kept", { trace });
    await ask("/post?id=body", { trace, body });
    const calls = [...callee.byId("kept"), ...callee.byId("body")];
    expect(calls.map(({ method }) => method)).toEqual(["GET", "GET", "POST", "GET"]);
    for (const called of calls) await expectBelow(called, trace);
    expect(new Set(calls.map((each) => contextOf(each)[1])).size).toBe(4);
    expect(calls[2]).toMatchObject({ bytes: 1 << 20, hash: createHash("sha256").update(body).digest("hex") });
  });

  test("carry it before bodies that the kernel does not take at once, which stay as they are, one after the other", async () => {
    for (const id of ["slow-1", "slow-2"]) {
      const trace = traceId();
      const body = randomBytes(16 << 20);
      await ask(`/?id=${id}`, { program: 2, trace, body });
      const [called] = callee.byId(id);
      await expectBelow(called!, trace);
      expect(called).toMatchObject({
        bytes: 16 << 20,
        hash: createHash("sha256").update(body).digest("hex"),
      });
    }
  });

  test("of 100 requests at a time in 100 threads all belong to their own", async () => {
    const traces = Array.from({ length: 100 }, traceId);
    await Promise.all(traces.map((trace) => ask(`/ask?id=${trace}`, { trace })));
    for (const trace of traces) {
      const calls = callee.byId(trace);
      expect(calls).toHaveLength(1);
      await expectBelow(calls[0]!, trace);
    }
  });

  test("of 50 requests at a time in one thread belong to none that is not theirs", async () => {
    const traces = Array.from({ length: 50 }, traceId);
    await Promise.all(traces.map((trace) => ask(`/?id=${trace}`, { program: 2, trace })));
    for (const trace of traces) {
      const [called] = callee.byId(trace);
      if (called!.traceparents.length === 0) continue;
      const [of, id] = contextOf(called!);
      if (of === trace) await expectBelow(called!, trace);
      else expect(await span(id)).toMatchObject({ kind: 3, traceId: of, parentSpanId: "" });
      expect(traces.filter((each) => each !== trace)).not.toContain(of);
    }
  });

  test("of one request at a time in such a thread belong to it, over connections that are kept", async () => {
    for (let round = 0; round < 5; round++) {
      const trace = traceId();
      await ask(`/?id=${trace}`, { program: 2, trace });
      await expectBelow(callee.byId(trace)[0]!, trace);
    }
  });

  test("for a request whose client has gone belong to no other one", async () => {
    const trace = traceId();
    const gone = new AbortController();
    const url = `http://127.0.0.1:${ports[2]}/?id=gone&delay=400`;
    const asked = fetch(url, { signal: gone.signal }).catch(() => "gone");
    await new Promise((resolve) => setTimeout(resolve, 100));
    gone.abort();
    expect(await asked).toBe("gone");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await ask("/?id=stays&delay=500", { program: 2, trace });
    const calls = callee.calls.filter(({ url: called }) => /id=(gone|stays)&/.test(called));
    expect(calls.map(({ url: called }) => /id=(\w+)/.exec(called)?.[1])).toEqual(["gone", "stays"]);
    expect(contextOf(calls[0]!)[0]).not.toBe(trace);
  });

  test("carry nothing where OTEL_PROPAGATORS does not name it", async () => {
    await ask("/ask?id=silent", { program: 1 });
    expect(callee.byId("silent")).toMatchObject([{ traceparents: [] }]);
  });

  const get = "GET /a HTTP/1.1\r\nHost: b\r\n\r\n";
  const post = (length: number): string => `POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: ${length}\r\n\r\n`;
  const untouched: readonly (readonly [what: string, writes: readonly string[], begins: number])[] = [
    ["no head of HTTP", ["GET key\r\n\r\n", get], 0],
    ["another protocol's head", ["OPTIONS rtsp://a RTSP/1.0\r\nCSeq: 1\r\n\r\n", get], 0],
    ["a head in two writes", [get.slice(0, 20), get.slice(20), get], 0],
    ["a head that has one", [get.replace("Host", "TraceParent: 00-a-b-01\r\nHost")], 0],
    ["lines that end otherwise", [get.replaceAll("\r\n", "\n"), get], 0],
    ["a line that goes on", [get.replace(" b", " b\r\n c"), get], 0],
    ["a body that looks like a request", [post(get.length), get], 1],
    ["and what follows it", [post(get.length), get, get], 2],
    ["a body of two such", [post(2 * get.length), get, get, get], 2],
    ["two lengths", [post(1).replace("Host: b", "Content-Length: 27"), get], 0],
    ["a body of chunks", [get.replace("Host", "Transfer-Encoding: chunked\r\nHost"), get, get], 1],
    ["another protocol behind a request", [get.replace("Host", "Upgrade: tcp\r\nHost"), get], 1],
    ["a body with its head, and a request", [`${post(4)}abcd`, get], 2],
    ["requests that do not wait", [get + get, get], 1],
    ["a head that is too long", [get.replace("Host", `A: ${"x".repeat(3000)}\r\nHost`), get], 0],
    ["a head of ninety lines", [get.replace("Host", `${"A: b\r\n".repeat(90)}Host`), get], 2],
    [
      "a head of more lines than are looked at",
      [get.replace("Host", `${"A: b\r\n".repeat(97)}Host`), get],
      0,
    ],
    ["a head that is almost too long", [get.replace("Host", `A: ${"x".repeat(2000)}\r\nHost`), get], 2],
    ["lines that are empty but for a colon", [get.replace("Host", ":\r\n::\r\nHost"), get], 2],
    ["a whole address", [get.replace("/a", "http://b:80/a"), get], 2],
    ["a line that ends before its version", ["GET /a\r\nHost: b:1\r\n\r\n", get], 0],
    ["CONNECT", ["CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", get], 0],
  ];
  test.each(untouched)(
    "%s: bytes are as they were written, but for whole headers",
    async (_, writes, begins) => {
      const lines = writes.map((each) => Buffer.from(each, "latin1").toString("hex")).join("\n");
      const before = raw.connections.length;
      const said = await ask(`/raw?port=${portOf(raw.server)}`, { body: lines });
      expect(said).toBe("0123456789");
      const text = raw.connections[before]!.toString("latin1");
      const added = /(HTTP\/1\.1\r\n)traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r\n/g;
      expect(text.match(added)?.length ?? 0).toBe(begins);
      expect(text.replaceAll(added, "$1")).toBe(writes.join(""));
    },
  );

  test("of other programs only the first of a connection does, and what is ready to be read is told as ever", async () => {
    const lines = [get, get].map((each) => Buffer.from(each).toString("hex")).join("\n");
    const before = raw.connections.length;
    const said = await ask(`/raw?port=${portOf(raw.server)}&ready=1`, { program: 3, body: lines });
    expect(said).toBe("10 0123456789");
    const text = raw.connections[before]!.toString("latin1");
    expect(text).toMatch(/^GET \/a HTTP\/1.1\r\ntraceparent: /);
    expect(text.slice(get.length + 70)).toBe(get);
  });

  test("that cannot carry it belong to what asks for them by their connection, when both are observed", async () => {
    const trace = traceId();
    await ask(`/again?id=linked&port=${ports[0]}`, { program: 3, trace });
    const isServer = ({ service, kind, attributes }: SunkSpan): boolean =>
      service === "caller" && kind === 2 && attributes["url.query"]?.includes("id=linked&") === true;
    await expect.poll(() => sink.spans.filter(isServer).length).toBe(2);
    for (const server of sink.spans.filter(isServer)) {
      expect(server.traceId).toBe(trace);
      const client = await span(server.parentSpanId);
      expect(client).toMatchObject({ service: "unknown", kind: 3, traceId: trace });
    }
  });

  test("carry nothing once several threads of a program that is not known have read requests", async () => {
    // Each has a connection and a thread of its own.
    await Promise.all(["t-1", "t-2", "t-3"].map((id) => ask(`/ask?id=${id}`, { program: 3 })));
    await ask("/ask?id=t-4", { program: 3 });
    expect(callee.byId("t-4")).toMatchObject([{ traceparents: [] }]);
  });

  test("go on over the same connections when the observer ends, without it", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const again = async (id: string): Promise<void> => {
      const request = http.get({ agent, host: "127.0.0.1", port: ports[0], path: `/again?id=${id}` });
      const [answer] = (await once(request, "response")) as [http.IncomingMessage];
      expect(answer.statusCode).toBe(200);
      answer.resume();
      await once(answer, "end");
    };
    await again("before");
    expect(await observer.end()).toBe(0);
    await again("after");
    agent.destroy();
    expect(callee.byId("before").map(({ traceparents }) => traceparents.length)).toEqual([1, 1]);
    expect(callee.byId("after").map(({ traceparents }) => traceparents.length)).toEqual([0, 0]);
  });
});
