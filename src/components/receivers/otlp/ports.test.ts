import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../../../../test/fakes/certificate.ts";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { exportPath, sendGrpc, sendHttp } from "../../../../test/fakes/otlp-client.ts";
import { otlpBytes, otlpJson } from "../../../../test/fakes/otlp-payload.ts";
import { startReceiver, type RunningReceiver } from "../../../../test/fakes/otlp-receiver.ts";
import { GrpcClient } from "../../../base/net/grpc-client.ts";
import { HttpClient } from "../../../base/net/http-client.ts";
import { createBasicAuthServer } from "../../extensions/basicauth/basicauth.ts";

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).toReversed()) await step();
});

async function start(...options: Parameters<typeof startReceiver>): Promise<RunningReceiver> {
  const started = await startReceiver(...options);
  cleanup.push(() => started.receiver.shutdown());
  return started;
}

const json = { type: "application/json" };

describe("senders are remembered", () => {
  test("with what they are and sent", async () => {
    const otlp = await start();
    await sendGrpc(otlp.grpcPort, otlpBytes("traces"));
    await sendGrpc(otlp.grpcPort, otlpBytes("logs"), { path: exportPath.logs });
    expect(otlp.senders.list()).toEqual([
      expect.objectContaining({
        service: "checkout",
        sdkLanguage: "nodejs",
        sdkVersion: "2.1.0",
        peer: "127.0.0.1",
        userAgent: "test",
        protocol: "grpc",
        port: otlp.grpcPort,
        encrypted: false,
        compression: "",
        requests: 2,
        bytes: otlpBytes("traces").length + otlpBytes("logs").length,
        items: { traces: 2, metrics: 0, logs: 2 },
        refusedItems: 0,
        // What it sent happened years ago.
        advice: [expect.objectContaining({ code: "clock-skew", count: 2 })],
      }),
    ]);
  });

  test("gRPC on the HTTP port is served and told of the right one", async () => {
    const otlp = await start();
    expect(await sendGrpc(otlp.httpPort, otlpBytes("traces"))).toMatchObject({ grpc: 0 });
    await sendGrpc(otlp.httpPort, otlpBytes("traces"));
    expect(otlp.senders.list()[0]?.advice).toEqual([
      {
        code: "wrong-port",
        message: `sends gRPC to port ${otlp.httpPort}, which is meant for HTTP; it is served all the same`,
        fix: `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${otlp.grpcPort}`,
        count: 2,
      },
    ]);
  });

  test("HTTP on the gRPC port is served and told of the right one", async () => {
    const otlp = await start();
    expect(await sendHttp(otlp.grpcPort, otlpJson.traces, json)).toMatchObject({ http: 200 });
    expect(otlp.senders.list()[0]).toMatchObject({ service: "checkout", protocol: "http/json" });
    expect(otlp.senders.list()[0]?.advice[0]).toMatchObject({
      code: "wrong-port",
      fix: `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${otlp.httpPort}`,
    });
  });

  test("without a port for its protocol a sender is told to speak the other one", async () => {
    const otlp = await start("protocols: {grpc: {endpoint: 'localhost:0'}}");
    await sendHttp(otlp.grpcPort, otlpBytes("traces"));
    expect(otlp.senders.list()[0]?.advice[0]?.fix).toBe("OTEL_EXPORTER_OTLP_PROTOCOL=grpc");
  });

  test("a path that exporters add to is told as such", async () => {
    const otlp = await start();
    await sendHttp(otlp.httpPort, otlpBytes("traces"), { path: "/v1/traces/v1/traces" });
    const advice = otlp.senders.list()[0]?.advice[0];
    expect(advice?.fix).toBe(
      `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${otlp.httpPort} (without /v1/traces, which exporters add)`,
    );
  });

  test("TLS to a port without it", async () => {
    const otlp = await start();
    const client = new HttpClient({ tls: { skipVerify: true } });
    const url = new URL(`https://127.0.0.1:${otlp.httpPort}/v1/traces`);
    await expect(client.send({ method: "POST", url, headers: {}, body: [] })).rejects.toThrow(/cannot reach/);
    client.close();
    await expect
      .poll(() => otlp.senders.list()[0]?.advice[0]?.message)
      .toBe("cannot connect: a TLS client on a port without TLS");
  });
});

describe("TLS", () => {
  test("both protocols of HTTP, chosen by ALPN or by the first bytes", async () => {
    const certificate = makeCertificate();
    cleanup.push(() => certificate.remove());
    const tls = `{cert_file: ${certificate.certFile}, key_file: ${certificate.keyFile}}`;
    const otlp = await start(`protocols: {http: {endpoint: 'localhost:0', tls: ${tls}}}`);
    const trust = { ca: certificate.cert };
    const http = new HttpClient({ tls: trust });
    const url = new URL(`https://localhost:${otlp.httpPort}/v1/traces`);
    const headers = { "content-type": "application/x-protobuf" };
    const answer = await http.send({ method: "POST", url, headers, body: [otlpBytes("traces")] });
    expect(answer.status).toBe(200);
    const grpc = new GrpcClient({
      target: { hostPort: `localhost:${otlp.httpPort}` },
      tls: trust,
      userAgent: "test",
    });
    await grpc.unary({ path: exportPath.traces, message: [otlpBytes("traces")] });
    expect(otlp.traces.batches.map((batch) => batch.context.protocol)).toEqual(["http/protobuf", "grpc"]);
    expect(otlp.senders.list().every((sender) => sender.encrypted)).toBe(true);
    http.close();
    grpc.close();
  });

  test("a client without TLS is told so", async () => {
    const certificate = makeCertificate();
    cleanup.push(() => certificate.remove());
    const tls = `{cert_file: ${certificate.certFile}, key_file: ${certificate.keyFile}}`;
    const otlp = await start(`protocols: {http: {endpoint: 'localhost:0', tls: ${tls}}}`);
    const answer = await fetch(`http://127.0.0.1:${otlp.httpPort}/v1/traces`, { method: "POST", body: "x" });
    expect([answer.status, await answer.text()]).toEqual([400, "this port takes TLS only: use https\n"]);
    expect(otlp.senders.list()[0]?.advice[0]?.fix).toBe(
      `OTEL_EXPORTER_OTLP_ENDPOINT=https://localhost:${otlp.httpPort}`,
    );
  });

  test("clients must show a certificate when client_ca_file is set", async () => {
    const server = makeCertificate();
    const client = makeCertificate("client");
    cleanup.push(
      () => server.remove(),
      () => client.remove(),
    );
    const tls = `{cert_file: ${server.certFile}, key_file: ${server.keyFile}, client_ca_file: ${client.certFile}}`;
    const otlp = await start(`protocols: {grpc: {endpoint: 'localhost:0', tls: ${tls}}}`);
    const target = { hostPort: `localhost:${otlp.grpcPort}` };
    const call = { path: exportPath.traces, message: [otlpBytes("traces")] };
    const without = new GrpcClient({ target, tls: { ca: server.cert }, userAgent: "test" });
    await expect(without.unary(call)).rejects.toMatchObject({ status: { code: 14 } });
    const shown = new GrpcClient({
      target,
      tls: { ca: server.cert, cert: client.cert, key: client.key },
      userAgent: "test",
    });
    await shown.unary(call);
    expect(otlp.traces.batches).toHaveLength(1);
    without.close();
    shown.close();
  });

  test("a missing certificate file is named", async () => {
    const tls = "{cert_file: /nowhere/cert.pem, key_file: /nowhere/key.pem}";
    await expect(startReceiver(`protocols: {http: {endpoint: 'localhost:0', tls: ${tls}}}`)).rejects.toThrow(
      /cannot read (certificate|key) "\/nowhere\//,
    );
  });
});

test("Unix sockets, also one that a crash left behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "otelier-socket-"));
  cleanup.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "otlp.sock");
  const yaml = `protocols: {http: {transport: unix, endpoint: ${path}}}`;
  const otlp = await start(yaml);
  const body = otlpBytes("traces");
  const answer = await new Promise<string>((resolve) => {
    const socket = createConnection(path);
    let received = "";
    socket.on("data", (chunk) => (received += chunk.toString("latin1")));
    socket.on("close", () => resolve(received));
    const head = `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/x-protobuf\r\n`;
    socket.write(Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(otlp.traces.batches[0]?.context.peer).toBe("");
  await expect(startReceiver(yaml)).rejects.toThrow(
    `cannot listen on unix:${path}: the socket is in use by another program`,
  );
});

describe("authentication", () => {
  const yaml =
    "protocols: {grpc: {endpoint: 'localhost:0', auth: {authenticator: basicauth}}, http: {endpoint: 'localhost:0'}}";
  const authenticator = (): Parameters<typeof startReceiver>[2] => ({
    basicauth: createBasicAuthServer(testSettings("extension", "basicauth"), {
      file: "",
      inline: "ann:secret",
    }),
  });
  const authorization = `Basic ${Buffer.from("ann:secret").toString("base64")}`;

  test("belongs to the port, whatever protocol uses it", async () => {
    const otlp = await start(yaml, {}, authenticator());
    const body = otlpBytes("traces");
    expect(await sendGrpc(otlp.grpcPort, body)).toMatchObject({
      grpc: 16,
      message: "no basic auth provided",
    });
    expect(await sendHttp(otlp.grpcPort, body)).toMatchObject({ http: 401, grpc: 16 });
    expect(await sendHttp(otlp.grpcPort, body, { headers: { authorization: "Basic !!" } })).toMatchObject({
      http: 401,
    });
    expect(otlp.senders.list()[0]?.advice[0]?.code).toBe("unauthenticated");
    expect(await sendGrpc(otlp.grpcPort, body, { headers: { authorization } })).toMatchObject({ grpc: 0 });
    expect(await sendHttp(otlp.grpcPort, body, { headers: { authorization } })).toMatchObject({ http: 200 });
    expect(await sendHttp(otlp.httpPort, body)).toMatchObject({ http: 200 });
    expect(otlp.traces.batches).toHaveLength(3);
  });

  test("an authenticator that does not run is an error", async () => {
    await expect(startReceiver(yaml)).rejects.toThrow(
      'failed to resolve authenticator "basicauth": authenticator not found (it must be listed in service::extensions)',
    );
  });
});

describe("browsers", () => {
  const yaml = `protocols: {http: {endpoint: 'localhost:0', response_headers: {X-Served-By: us}, cors: {
    allowed_origins: ['http://localhost:*', 'https://*.example.com'], allowed_headers: [x-team], max_age: 600}}}`;
  const ask = async (port: number, origin: string, wanted: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": wanted },
    });

  test.each([
    ["http://localhost:3000", "content-type,x-team", "http://localhost:3000"],
    ["https://shop.example.com", "content-type", "https://shop.example.com"],
    ["https://shopexample.com", "content-type", null],
    ["https://evil.test", "content-type", null],
    ["http://localhost:3000", "x-other", null],
  ])("preflight from %s with %s", async (origin, wanted, allowed) => {
    const otlp = await start(yaml);
    const answer = await ask(otlp.httpPort, origin, wanted);
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(allowed);
    if (allowed === null) return;
    expect(answer.headers.get("access-control-allow-headers")).toBe(wanted.replace(",", ", "));
    expect(answer.headers.get("access-control-max-age")).toBe("600");
  });

  test("an answer can be read by an allowed page only", async () => {
    const otlp = await start(yaml);
    const send = (origin: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${otlp.httpPort}/v1/traces`, {
        method: "POST",
        body: otlpJson.traces,
        headers: { origin, "content-type": "application/json" },
      });
    const known = await send("http://localhost:5173");
    expect(known.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    expect(known.headers.get("x-served-by")).toBe("us");
    const foreign = await send("https://evil.test");
    expect([foreign.status, foreign.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  });

  test("the stack refuses pages that are not allowed, DNS rebinding included", async () => {
    const otlp = await start(yaml, { refuseForeignOrigins: true });
    const send = (origin: string | undefined): Promise<{ http: number; message: string }> =>
      sendHttp(otlp.httpPort, otlpJson.traces, { ...json, headers: origin === undefined ? {} : { origin } });
    expect(await send("http://localhost:5173")).toMatchObject({ http: 200 });
    expect(await send(undefined)).toMatchObject({ http: 200 });
    expect(await send(`http://evil.test:${otlp.httpPort}`)).toMatchObject({
      http: 403,
      message: `pages of http://evil.test:${otlp.httpPort} may not send here; allow it with cors.allowed_origins`,
    });
  });
});

test("request metadata is kept only when asked for", async () => {
  const otlp = await start(
    "protocols: {grpc: {endpoint: 'localhost:0', include_metadata: true}, http: {endpoint: 'localhost:0'}}",
  );
  await sendGrpc(otlp.grpcPort, otlpBytes("traces"), { headers: { "x-team": "blue" } });
  await sendGrpc(otlp.httpPort, otlpBytes("traces"), { headers: { "x-team": "blue" } });
  const [kept, dropped] = otlp.traces.batches;
  expect(kept?.context.metadata?.get("x-team")).toEqual(["blue"]);
  expect([...(kept?.context.metadata?.keys() ?? [])].some((name) => name.startsWith(":"))).toBe(false);
  expect(dropped?.context.metadata).toBeUndefined();
});

test("paths, sizes and encodings are options", async () => {
  const otlp = await start(`protocols: {
    grpc: {endpoint: 'localhost:0', max_recv_msg_size_mib: 1},
    http: {endpoint: 'localhost:0', traces_url_path: spans/in, max_request_body_size: 1000, compression_algorithms: ["", zstd]}}`);
  expect(await sendHttp(otlp.httpPort, otlpBytes("traces"), { path: "/spans/in" })).toMatchObject({
    http: 200,
  });
  expect(await sendHttp(otlp.httpPort, otlpBytes("traces"))).toMatchObject({ http: 404 });
  expect(await sendHttp(otlp.httpPort, Buffer.alloc(1001), { path: "/spans/in" })).toMatchObject({
    http: 413,
  });
  const gzip = { path: "/spans/in", headers: { "content-encoding": "gzip" } };
  expect(await sendHttp(otlp.httpPort, otlpBytes("traces"), gzip)).toMatchObject({ http: 400 });
  expect(await sendGrpc(otlp.httpPort, Buffer.alloc(1024 * 1024 + 1))).toMatchObject({ grpc: 8 });
});

test("signals that no pipeline takes are unknown", async () => {
  const { TestConsumer } = await import("../../../../test/fakes/consumer.ts");
  const otlp = await start(undefined, { next: { traces: new TestConsumer() } });
  expect(await sendHttp(otlp.httpPort, otlpBytes("logs"), { path: "/v1/logs" })).toMatchObject({ http: 404 });
  expect(await sendGrpc(otlp.grpcPort, otlpBytes("logs"), { path: exportPath.logs })).toMatchObject({
    grpc: 12,
    message: "unknown service opentelemetry.proto.collector.logs.v1.LogsService",
  });
});
