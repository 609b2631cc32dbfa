import { afterEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../../../../test/fakes/certificate.ts";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { yamlNode } from "../../../../test/fakes/config-node.ts";
import { testHost } from "../../../../test/fakes/host.ts";
import { otlpBytes } from "../../../../test/fakes/otlp-payload.ts";
import { startReceiver, type RunningReceiver } from "../../../../test/fakes/otlp-receiver.ts";
import { OtelierError } from "../../../base/error.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "../../../base/net/http-message.ts";
import { serveHttp } from "../../../base/net/http-server.ts";
import type { Exporter, Extension } from "../../../pipeline/component.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { createBearerTokenAuth } from "../../extensions/bearertokenauth/bearertokenauth.ts";
import { checkOtlpHttp, otlpHttpConfig } from "./config.ts";
import { parseRetryAfter } from "./http-answer.ts";
import { createOtlpHttpExporter } from "./otlp-http.ts";

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).toReversed()) await step();
});

async function receiver(...options: Parameters<typeof startReceiver>): Promise<RunningReceiver> {
  const started = await startReceiver(...options);
  cleanup.push(() => started.receiver.shutdown());
  return started;
}

/** A server that answers as told; for what the real receiver never says. */
async function server(handler: HttpHandler): Promise<string> {
  const started = await serveHttp({ endpoint: "127.0.0.1:0", handler });
  cleanup.push(() => started.close(0));
  return started.urls[0] ?? "";
}

const once = "sending_queue: {enabled: false}, retry_on_failure: {enabled: false}";

async function exporter(
  yaml: string,
  signal: Signal = "traces",
  extensions: Readonly<Record<string, Extension>> = {},
): Promise<Exporter & { settings: ReturnType<typeof testSettings> }> {
  const settings = testSettings("exporter", "otlp_http");
  const { value, diagnostics } = decodeSection(otlpHttpConfig, yamlNode(yaml), "exporters.otlp_http");
  expect(diagnostics).toEqual([]);
  const made = createOtlpHttpExporter(settings, signal, value);
  await made.start(testHost(extensions));
  cleanup.push(() => made.shutdown());
  return Object.assign(made, { settings });
}

function batch(signal: Signal = "traces"): Batch {
  return Batch.fromBytes(signal, otlpBytes(signal), internalContext);
}

describe("otlp_http delivers what it was given", () => {
  for (const encoding of ["proto", "json"]) {
    for (const compression of ["gzip", "none", "zlib", "deflate"]) {
      for (const signal of ["traces", "metrics", "logs"] as const) {
        test(`${signal} as ${encoding} with ${compression}`, async () => {
          const otlp = await receiver();
          const endpoint = `endpoint: "http://localhost:${otlp.httpPort}/"`;
          const to = await exporter(
            `{${endpoint}, encoding: ${encoding}, compression: ${compression}, ${once}}`,
            signal,
          );
          await to.consume(Batch.concat([batch(signal), batch(signal)]));
          const [arrived] = otlp[signal].batches;
          expect(Buffer.from(arrived?.bytes ?? [])).toEqual(
            Buffer.concat([otlpBytes(signal), otlpBytes(signal)]),
          );
          expect(arrived?.context.protocol).toBe(encoding === "json" ? "http/json" : "http/protobuf");
        });
      }
    }
  }
});

test("endpoints of one signal, headers and tokens", async () => {
  const settings = testSettings("extension", "bearertokenauth");
  const token = createBearerTokenAuth(settings, {
    header: "Authorization",
    scheme: "Bearer",
    token: "s3cret",
    tokens: [],
    filename: "",
  });
  const port =
    "{http: {endpoint: 'localhost:0', traces_url_path: /in, include_metadata: true, auth: {authenticator: bearertokenauth}}}";
  const otlp = await receiver(`protocols: ${port}`, {}, { bearertokenauth: token });
  const endpoint = `traces_endpoint: "http://localhost:${otlp.httpPort}/in", headers: {X-Team: blue}, ${once}`;
  const to = await exporter(`{${endpoint}, auth: {authenticator: bearertokenauth}}`, "traces", {
    bearertokenauth: token,
  });
  await to.consume(batch());
  const metadata = otlp.traces.batches[0]?.context.metadata;
  expect(metadata?.get("x-team")).toEqual(["blue"]);
  expect(metadata?.get("user-agent")).toEqual(["otelier/test"]);
  const without = await exporter(`{${endpoint}}`);
  await expect(without.consume(batch())).rejects.toThrow(
    /responded with HTTP Status Code 401, Message=missing or empty authorization header/,
  );
});

describe("answers", () => {
  const cases: readonly (readonly [string, HttpResponse, object])[] = [
    ["400", { status: 400 }, { outcome: "permanent" }],
    ["404", { status: 404 }, { outcome: "permanent" }],
    ["429", { status: 429 }, { outcome: "retryable", retryAfterMs: undefined }],
    [
      "429 with seconds",
      { status: 429, headers: { "retry-after": "7" } },
      { outcome: "retryable", retryAfterMs: 7000 },
    ],
    [
      "502",
      { status: 502, headers: { "retry-after": "7" } },
      { outcome: "retryable", retryAfterMs: undefined },
    ],
    [
      "503 with seconds",
      { status: 503, headers: { "retry-after": "1" } },
      { outcome: "retryable", retryAfterMs: 1000 },
    ],
    ["504", { status: 504 }, { outcome: "retryable" }],
    ["500", { status: 500 }, { outcome: "permanent" }],
    [
      "a good status without a protobuf message",
      { status: 200, headers: { "content-type": "application/x-protobuf" }, body: "\u0000hello" },
      { outcome: "permanent", code: "bad-answer" },
    ],
    [
      "a good status without JSON",
      { status: 200, headers: { "content-type": "application/json" }, body: "hello" },
      { outcome: "permanent", code: "bad-answer" },
    ],
  ];
  test.each(cases)("%s", async (_, response, expected) => {
    const to = await exporter(`{endpoint: "${await server(() => response)}", ${once}}`);
    await expect(to.consume(batch())).rejects.toMatchObject(expected);
  });

  test("the reason of a refusal is passed on", async () => {
    const otlp = await receiver();
    otlp.traces.answer = () =>
      Promise.reject(new OtelierError("too wide", { code: "test", outcome: "permanent", grpcStatus: 3 }));
    for (const encoding of ["proto", "json"]) {
      const to = await exporter(
        `{endpoint: "http://localhost:${otlp.httpPort}", encoding: ${encoding}, ${once}}`,
      );
      await expect(to.consume(batch())).rejects.toThrow(
        /responded with HTTP Status Code 400, Message=too wide/,
      );
    }
  });

  test("partial success is logged, not an error", async () => {
    const otlp = await receiver();
    otlp.logs.answer = () =>
      Promise.reject(new OtelierError("too old", { code: "test", outcome: "permanent", rejectedItems: 1 }));
    for (const encoding of ["proto", "json"]) {
      const to = await exporter(
        `{endpoint: "http://localhost:${otlp.httpPort}", encoding: ${encoding}, ${once}}`,
        "logs",
      );
      await to.consume(batch("logs"));
      expect(to.settings.log.lines).toContainEqual({
        level: "warn",
        message: "Partial success response",
        fields: { message: "too old", dropped_log_records: 1 },
      });
    }
  });

  test("an endless answer is cut", async () => {
    async function* endless(request: HttpRequest): AsyncGenerator<Buffer> {
      for (let count = 0; count < 1000 && !request.closed.aborted; count++) yield Buffer.alloc(64 * 1024, 32);
    }
    const url = await server((request) => ({
      status: 500,
      headers: { "content-type": "text/plain" },
      body: endless(request),
    }));
    const to = await exporter(`{endpoint: "${url}", ${once}}`);
    await expect(to.consume(batch())).rejects.toThrow(/HTTP Status Code 500$/);
  });
});

test("a connection is kept, unless it may not be", async () => {
  const otlp = await receiver("protocols: {http: {endpoint: '127.0.0.1:0'}}");
  for (const [option, peers] of [
    ["", 1],
    ["disable_keep_alives: true,", 3],
  ] as const) {
    const to = await exporter(`{endpoint: "http://127.0.0.1:${otlp.httpPort}", ${option} ${once}}`);
    for (let count = 0; count < 3; count++) await to.consume(batch());
    const seen = otlp.traces.batches.splice(0).map((arrived) => arrived.context.peer);
    expect(new Set(seen).size).toBe(peers);
  }
});

test("nobody there", async () => {
  const to = await exporter(`{endpoint: "http://127.0.0.1:1", ${once}}`);
  await expect(to.consume(batch())).rejects.toMatchObject({ outcome: "retryable" });
  await expect(to.consume(batch())).rejects.toThrow(/cannot reach http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
});

test("over TLS", async () => {
  const certificate = makeCertificate();
  cleanup.push(() => certificate.remove());
  const tls = `{cert_file: ${certificate.certFile}, key_file: ${certificate.keyFile}}`;
  const otlp = await receiver(`protocols: {http: {endpoint: 'localhost:0', tls: ${tls}}}`);
  const endpoint = `endpoint: "https://localhost:${otlp.httpPort}", ${once}`;
  const known = await exporter(`{${endpoint}, tls: {ca_file: ${certificate.certFile}, min_version: "1.3"}}`);
  await known.consume(batch());
  const unknown = await exporter(`{${endpoint}}`);
  await expect(unknown.consume(batch())).rejects.toThrow(/self-signed certificate/);
  const missing = decodeSection(
    otlpHttpConfig,
    yamlNode(`{${endpoint}, tls: {ca_file: /nowhere/ca.pem}}`),
    "e",
  ).value;
  const failing = createOtlpHttpExporter(testSettings("exporter", "otlp_http"), "traces", missing);
  await expect(failing.start(testHost())).rejects.toThrow('cannot read CA certificate "/nowhere/ca.pem"');
});

test.each([
  ["{}", ["at least one endpoint must be specified"]],
  ["{endpoint: localhost:4318}", [`'endpoint' must be a valid URL, got "localhost:4318"`]],
  ["{traces_endpoint: 'http://a/v1/traces'}", []],
  ["{endpoint: 'http://a', compression: zstd}", ['compression "zstd" is not supported']],
  [
    "{endpoint: 'http://a', compression_params: {level: 12}}",
    ['unsupported parameters {Level:12} for compression type "gzip"'],
  ],
  ["{endpoint: 'http://a', timeout: -1s}", ["'timeout' must be non-negative"]],
])("options %s", (yaml, expected) => {
  const node = yamlNode(yaml);
  const { value, diagnostics } = decodeSection(otlpHttpConfig, node, "exporters.otlp_http");
  const found = [...diagnostics, ...checkOtlpHttp(value, node, "exporters::otlp_http")];
  expect(found.map((problem) => problem.message)).toEqual(
    expected.map((text) => `exporters::otlp_http: ${text}`),
  );
});

test.each([
  ["120", 120_000],
  ["Fri, 14 Nov 2025 12:00:30 GMT", 30_000],
  ["Fri, 14 Nov 2025 11:00:00 GMT", 0],
  ["soon", undefined],
  [undefined, undefined],
])("Retry-After %s", (header, expected) => {
  expect(parseRetryAfter(header, Date.UTC(2025, 10, 14, 12, 0, 0))).toBe(expected);
});
