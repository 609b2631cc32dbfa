import http2 from "node:http2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificate } from "../../fakes/certificate.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { byPid, firstLine, fixture, spanWhere, startObserver, traceId } from "./observer.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("HTTP/2 and gRPC of programs that run already");

/** Three servers in Node.js that nobody instrumented: edge asks front over TLS, front asks back without. */
describe.skipIf(refused !== undefined)("HTTP/2 and gRPC, by otelier ebpf", () => {
  const sink = new OtlpSink();
  const started: Started[] = [];
  let observer: Started;
  let edge: http2.ClientHttp2Session;
  /** Open before anybody observes. */
  let old: http2.ClientHttp2Session;

  beforeAll(async () => {
    await sink.listen();
    const certificate = makeCertificate();
    const serve = async (name: string, ...args: readonly string[]): Promise<string> => {
      const server = start(process.execPath, [fixture("http2.mjs"), ...args], { OTEL_SERVICE_NAME: name });
      started.push(server);
      return firstLine(server);
    };
    const back = await serve("back", "");
    const front = await serve("front", `http://127.0.0.1:${back}`, certificate.certFile, certificate.keyFile);
    const edgePort = await serve("edge", `https://127.0.0.1:${front}`);
    certificate.remove();
    old = http2.connect(`http://127.0.0.1:${back}`);
    await ask(old, "/before");
    observer = await startObserver(sink, byPid(started), [/ edge /, / front /, / back /], {
      OTEL_METRIC_EXPORT_INTERVAL: "300",
    });
    edge = http2.connect(`http://127.0.0.1:${edgePort}`);
  });
  afterAll(async () => {
    edge.destroy();
    old.destroy();
    await Promise.all([observer, ...started].map((each) => each.end()));
    await sink.close();
  });

  test("one request over plain and encrypted connections: method, path, status, sizes, both sides", async () => {
    const trace = traceId();
    expect(await ask(edge, "/relay/relay/order?sku=7", trace)).toBe(200);
    const served = await spanWhere(
      sink,
      (each) => each.traceId === trace && each.service === "edge" && each.kind === 2,
    );
    expect(served.parentSpanId).toBe("00f067aa0ba902b7");
    expect(served.attributes).toMatchObject({
      "http.request.method": "GET",
      "url.path": "/relay/relay/order",
      "url.query": "sku=7",
      "url.scheme": "http",
      "http.response.status_code": "200",
      "http.request.body.size": "0",
      "http.response.body.size": "3",
      "network.protocol.version": "2",
      "client.address": "127.0.0.1",
    });
    const asks = await spanWhere(
      sink,
      (each) => each.service === "edge" && each.kind === 3 && each.traceId === trace,
    );
    expect(asks.parentSpanId).toBe(served.spanId);
    expect(asks.attributes["url.full"]).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/relay\/order\?sku=7$/);
    const encrypted = await spanWhere(
      sink,
      (each) => each.service === "front" && each.kind === 2 && each.attributes["url.path"] === "/relay/order",
    );
    expect(encrypted.attributes).toMatchObject({ "url.scheme": "https", "http.request.body.size": "1700" });
    const plain = await spanWhere(sink, (each) => each.service === "front" && each.kind === 3);
    const last = await spanWhere(
      sink,
      (each) => each.service === "back" && each.parentSpanId === plain.spanId,
    );
    expect([last.traceId, plain.traceId]).toEqual([encrypted.traceId, encrypted.traceId]);
    expect(last.attributes).toMatchObject({
      "http.request.method": "POST",
      "url.path": "/order",
      "http.response.body.size": "50000",
    });
    expect(last.durationMs).toBeLessThanOrEqual(plain.durationMs);
  });

  test("many at once on one connection: each has its own path, status and caller", async () => {
    const paths = Array.from({ length: 120 }, (_, index) =>
      index % 3 === 0 ? "/missing" : `/order/${index}`,
    );
    const traces = paths.map(() => traceId());
    await Promise.all(paths.map((each, index) => ask(edge, each, traces[index])));
    const mine = (): readonly SunkSpan[] => sink.spans.filter(({ traceId: id }) => traces.includes(id));
    await expect.poll(() => mine().length).toBe(paths.length);
    const seen = mine().map(
      ({ traceId: id, attributes }) =>
        `${id} ${attributes["url.path"]} ${attributes["http.response.status_code"]}`,
    );
    const expected = paths.map(
      (each, index) => `${traces[index]} ${each} ${each === "/missing" ? "404" : "200"}`,
    );
    expect(seen.toSorted()).toEqual(expected.toSorted());
  });

  test("gRPC: method and status from the trailers, client and server linked by their stream", async () => {
    await ask(edge, "/relay/relay/shop.Cart/Missing");
    // Edge does not ask for a call of gRPC there, front does.
    await ask(edge, "/relay/shop.Cart/Get");
    const call = await spanWhere(sink, (each) => each.service === "edge" && each.name === "shop.Cart/Get");
    expect([call.kind, call.attributes["rpc.status_code"], call.attributes["rpc.system.name"]]).toEqual([
      3,
      "OK",
      "grpc",
    ]);
    const client = await spanWhere(
      sink,
      (each) => each.service === "front" && each.name === "shop.Cart/Missing",
    );
    expect(client.attributes).toMatchObject({
      "rpc.method": "shop.Cart/Missing",
      "rpc.status_code": "NOT_FOUND",
      "error.type": "NOT_FOUND",
      "server.address": "127.0.0.1",
    });
    const server = await spanWhere(sink, (each) => each.parentSpanId === client.spanId);
    expect([server.service, server.kind, server.name]).toEqual(["back", 2, "shop.Cart/Missing"]);
    expect(server.attributes["rpc.status_code"]).toBe("NOT_FOUND");
    const counted = (): boolean =>
      sink.metrics.some(({ name, service }) => name === "rpc.server.call.duration" && service === "back");
    await expect.poll(counted).toBe(true);
  });

  // Over connections without and with TLS: front asks back, edge asks front.
  test.each([
    ["plain", "/relay/relay", "back", "front"],
    ["encrypted", "/relay", "front", "edge"],
  ])(
    "content of hundreds of megabytes, %s: both sizes are right, and the connection is followed on",
    async (_, relay, serving, asking) => {
      const bytes = 200_000_000;
      expect(await ask(edge, `${relay}/large/${bytes}`)).toBe(200);
      const isIt = ({ attributes }: SunkSpan): boolean =>
        (attributes["url.path"] ?? attributes["url.full"]?.replace(/^https?:\/\/[^/]+/, "")) ===
        `/large/${bytes}`;
      const served = await spanWhere(
        sink,
        (each) => each.service === serving && each.kind === 2 && isIt(each),
      );
      const asked = await spanWhere(sink, (each) => each.service === asking && each.kind === 3 && isIt(each));
      for (const { attributes } of [served, asked]) {
        expect([attributes["http.request.body.size"], attributes["http.response.body.size"]]).toEqual([
          `${bytes}`,
          `${bytes}`,
        ]);
      }
      await ask(edge, `${relay}/behind`);
      await spanWhere(sink, (each) => each.service === serving && each.attributes["url.path"] === "/behind");
    },
  );

  test("a stream that is reset has failed", async () => {
    const trace = traceId();
    await ask(edge, "/reset", trace);
    const span = await spanWhere(sink, (each) => each.traceId === trace && each.kind === 2);
    expect(span.attributes["error.type"]).toBe("_OTHER");
  });

  test("a connection from before is not followed, and that is said; a new one of the same program is", async () => {
    for (let index = 0; index < 3; index++) await ask(old, `/old/${index}`);
    await expect
      .poll(() => observer.stderr())
      .toMatch(/HTTP\/2 connections of node \(pid \d+\) .*they were open before it was observed/);
    const fresh = http2.connect(`http://${old.socket.remoteAddress}:${old.socket.remotePort}`);
    const trace = traceId();
    await ask(fresh, "/fresh", trace);
    fresh.close();
    const span = await spanWhere(sink, (each) => each.traceId === trace);
    expect(span.attributes["url.path"]).toBe("/fresh");
    expect(sink.spans.filter(({ attributes }) => attributes["url.path"]?.startsWith("/old"))).toEqual([]);
  });

  test("it ends when asked to, with nothing lost", async () => {
    expect(await observer.end("SIGINT")).toBe(0);
    expect(observer.stderr()).not.toMatch(/lost|not seen/);
  });
});

function ask(session: http2.ClientHttp2Session, place: string, trace?: string): Promise<number> {
  const caller = trace === undefined ? {} : { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  return new Promise((resolve) => {
    let status = 0;
    const stream = session.request({ ":path": place, ...caller });
    stream.on("response", (answer) => (status = Number(answer[":status"])));
    stream.on("error", () => undefined);
    stream.resume().on("close", () => resolve(status));
  });
}
