import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../../../../test/fakes/certificate.ts";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { testHost } from "../../../../test/fakes/host.ts";
import { otlpBytes } from "../../../../test/fakes/otlp-payload.ts";
import { startReceiver, type RunningReceiver } from "../../../../test/fakes/otlp-receiver.ts";
import { OtelierError } from "../../../base/error.ts";
import type { Exporter, Extension } from "../../../pipeline/component.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { createBasicAuthClient, createBasicAuthServer } from "../../extensions/basicauth/basicauth.ts";
import { otlpGrpcConfig } from "./config.ts";
import { createOtlpGrpcExporter } from "./otlp-grpc.ts";

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).toReversed()) await step();
});

async function receiver(...options: Parameters<typeof startReceiver>): Promise<RunningReceiver> {
  const started = await startReceiver(...options);
  cleanup.push(() => started.receiver.shutdown());
  return started;
}

const once = "sending_queue: {enabled: false}, retry_on_failure: {enabled: false}";

async function exporter(
  yaml: string,
  signal: Signal = "traces",
  extensions: Readonly<Record<string, Extension>> = {},
): Promise<Exporter & { settings: ReturnType<typeof testSettings> }> {
  const settings = testSettings("exporter", "otlp_grpc");
  const { value, diagnostics } = decodeSection(otlpGrpcConfig, yamlNode(yaml), "exporters.otlp_grpc");
  expect(diagnostics).toEqual([]);
  const made = createOtlpGrpcExporter(settings, signal, value);
  await made.start(testHost(extensions));
  cleanup.push(() => made.shutdown());
  return Object.assign(made, { settings });
}

function batch(signal: Signal = "traces"): Batch {
  return Batch.fromBytes(signal, otlpBytes(signal), internalContext);
}

describe("otlp_grpc delivers what it was given", () => {
  for (const compression of ["gzip", "none", "deflate", "zlib"]) {
    for (const signal of ["traces", "metrics", "logs"] as const) {
      test(`${signal} with ${compression}`, async () => {
        const otlp = await receiver();
        const to = await exporter(
          `{endpoint: "localhost:${otlp.grpcPort}", tls: {insecure: true}, compression: ${compression}, ${once}}`,
          signal,
        );
        await to.consume(Batch.concat([batch(signal), batch(signal)]));
        const [arrived] = otlp[signal].batches;
        expect(arrived?.itemCount).toBe(4);
        expect(Buffer.from(arrived?.bytes ?? [])).toEqual(
          Buffer.concat([otlpBytes(signal), otlpBytes(signal)]),
        );
        expect(arrived?.context.protocol).toBe("grpc");
        const sent = { traces: "spans", metrics: "metric_points", logs: "log_records" }[signal];
        const counter = to.settings.metrics.counter(
          `otelcol_exporter_sent_${sent}`,
          { exporter: "otlp_grpc" },
          "",
        );
        expect(counter.value).toBe(4);
      });
    }
  }
});

test("headers, user agent and credentials go along", async () => {
  const settings = testSettings("extension", "basicauth");
  const server = createBasicAuthServer(settings, { file: "", inline: "ann:secret" });
  const client = createBasicAuthClient(settings, {
    username: "ann",
    username_file: "",
    password: "secret",
    password_file: "",
  });
  const port = "{grpc: {endpoint: 'localhost:0', include_metadata: true, auth: {authenticator: basicauth}}}";
  const otlp = await receiver(`protocols: ${port}`, {}, { basicauth: server });
  const endpoint = `endpoint: "http://localhost:${otlp.grpcPort}", headers: {X-Team: blue}, ${once}`;
  const to = await exporter(`{${endpoint}, auth: {authenticator: basicauth}}`, "traces", {
    basicauth: client,
  });
  await to.consume(batch());
  const metadata = otlp.traces.batches[0]?.context.metadata;
  expect(metadata?.get("x-team")).toEqual(["blue"]);
  expect(metadata?.get("user-agent")).toEqual(["otelier/test"]);
  const without = await exporter(`{${endpoint}}`);
  await expect(without.consume(batch())).rejects.toMatchObject({ outcome: "permanent", grpcStatus: 16 });
});

describe("answers", () => {
  const cases = [
    ["permanent", { outcome: "permanent" }, { outcome: "permanent", grpcStatus: 13 }],
    ["retryable", { outcome: "retryable" }, { outcome: "retryable", grpcStatus: 14 }],
    [
      "throttled",
      { outcome: "retryable", retryAfterMs: 1500 },
      { outcome: "retryable", grpcStatus: 8, retryAfterMs: 1500 },
    ],
    ["invalid", { outcome: "permanent", grpcStatus: 3 }, { outcome: "permanent", grpcStatus: 3 }],
  ] as const;
  for (const [name, thrown, expected] of cases) {
    test(name, async () => {
      const otlp = await receiver();
      otlp.traces.answer = () =>
        Promise.reject(new OtelierError("no: 50 % – ü", { code: "test", ...thrown }));
      const to = await exporter(`{endpoint: "localhost:${otlp.grpcPort}", tls: {insecure: true}, ${once}}`);
      await expect(to.consume(batch())).rejects.toMatchObject(expected);
      await expect(to.consume(batch())).rejects.toThrow("no: 50 % – ü");
    });
  }

  test("partial success is logged, not an error", async () => {
    const otlp = await receiver();
    otlp.traces.answer = () =>
      Promise.reject(new OtelierError("too old", { code: "test", outcome: "permanent", rejectedItems: 1 }));
    const to = await exporter(`{endpoint: "localhost:${otlp.grpcPort}", tls: {insecure: true}, ${once}}`);
    await to.consume(batch());
    expect(to.settings.log.lines).toContainEqual({
      level: "warn",
      message: "Partial success response",
      fields: { message: "too old", dropped_spans: 1 },
    });
  });
});

test("a server that comes back is used again", async () => {
  const first = await receiver("protocols: {grpc: {endpoint: '127.0.0.1:0'}}");
  const port = first.grpcPort;
  const to = await exporter(`{endpoint: "127.0.0.1:${port}", tls: {insecure: true}, ${once}}`);
  await to.consume(batch());
  await first.receiver.shutdown();
  await expect(to.consume(batch())).rejects.toMatchObject({ outcome: "retryable", grpcStatus: 14 });
  const second = await receiver(`protocols: {grpc: {endpoint: '127.0.0.1:${port}'}}`);
  await to.consume(batch());
  expect(second.traces.batches).toHaveLength(1);
});

test("what a queue holds is sent when the server is there", async () => {
  const first = await receiver("protocols: {grpc: {endpoint: '127.0.0.1:0'}}");
  const port = first.grpcPort;
  await first.receiver.shutdown();
  const retry = "retry_on_failure: {initial_interval: 20ms, max_interval: 50ms}";
  const to = await exporter(`{endpoint: "127.0.0.1:${port}", tls: {insecure: true}, ${retry}}`);
  for (let count = 0; count < 20; count++) await to.consume(batch());
  const second = await receiver(`protocols: {grpc: {endpoint: '127.0.0.1:${port}'}}`);
  await expect.poll(() => second.traces.batches.length).toBe(20);
});

test("an attempt ends at the timeout", async () => {
  const otlp = await receiver();
  let release = (): void => undefined;
  otlp.traces.answer = () => new Promise((resolve) => (release = resolve));
  const to = await exporter(
    `{endpoint: "localhost:${otlp.grpcPort}", tls: {insecure: true}, timeout: 50ms, ${once}}`,
  );
  await expect(to.consume(batch())).rejects.toMatchObject({ outcome: "retryable", grpcStatus: 4 });
  release();
});

test("over TLS, with the server's authority known or not", async () => {
  const certificate = makeCertificate();
  cleanup.push(() => certificate.remove());
  const tls = `{cert_file: ${certificate.certFile}, key_file: ${certificate.keyFile}}`;
  const otlp = await receiver(`protocols: {grpc: {endpoint: 'localhost:0', tls: ${tls}}}`);
  const endpoint = `endpoint: "localhost:${otlp.grpcPort}", ${once}`;
  const known = await exporter(`{${endpoint}, tls: {ca_file: ${certificate.certFile}}}`);
  await known.consume(batch());
  expect(otlp.traces.batches).toHaveLength(1);
  expect(otlp.senders.list()[0]?.encrypted).toBe(true);
  const unknown = await exporter(`{${endpoint}}`);
  await expect(unknown.consume(batch())).rejects.toThrow(/self-signed certificate/);
  const trusting = await exporter(`{${endpoint}, tls: {insecure_skip_verify: true}}`);
  await trusting.consume(batch());
  const plain = await exporter(`{${endpoint}, tls: {insecure: true}}`);
  await expect(plain.consume(batch())).rejects.toMatchObject({ outcome: "retryable" });
});

test("over a Unix socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "otelier-socket-"));
  cleanup.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "otlp.sock");
  const otlp = await receiver(`protocols: {grpc: {transport: unix, endpoint: ${path}}}`);
  const to = await exporter(`{endpoint: "unix://${path}", tls: {insecure: true}, ${once}}`);
  await to.consume(batch());
  expect(otlp.traces.batches[0]?.context.peer).toBe("");
});

test("an HTTP/1 server is named as what it is not", async () => {
  const { serveHttp } = await import("../../../base/net/http-server.ts");
  const web = await serveHttp({ endpoint: "127.0.0.1:0", handler: () => ({ status: 200, body: "hello" }) });
  cleanup.push(() => web.close(0));
  const to = await exporter(`{endpoint: "127.0.0.1:${web.port}", tls: {insecure: true}, ${once}}`);
  await expect(to.consume(batch())).rejects.toThrow("unexpected HTTP status code received from server: 200");
});
