/** Sends batches by OTLP/HTTP: as the protobuf bytes that were received, or as JSON. */
import { OtelierError } from "../../../base/error.ts";
import { compress } from "../../../base/net/compression.ts";
import { HttpClient } from "../../../base/net/http-client.ts";
import { clientAuthenticator } from "../../../pipeline/authenticators.ts";
import type { ClientAuthenticator, ComponentSettings, Exporter } from "../../../pipeline/component.ts";
import { createQueuedExporter } from "../../../pipeline/exporter/queued-exporter.ts";
import { reportPartialSuccess } from "../../../pipeline/otlp/export-response.ts";
import { loadClientTls } from "../../../pipeline/settings/client-tls.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import { bytesToOtlpJson } from "../../../telemetry/json/print.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { signalUrl, type OtlpHttpConfig } from "./config.ts";
import { readAnswer } from "./http-answer.ts";

/** Fast rather than small, as in the gRPC exporter; `compression_params.level` chooses another. */
const defaultLevel = 1;

export function createOtlpHttpExporter(
  settings: ComponentSettings,
  signal: Signal,
  config: OtlpHttpConfig,
): Exporter {
  const url = signalUrl(config, signal);
  const encoding = encodingOf(config);
  const level = config.compression_params.level === 0 ? defaultLevel : config.compression_params.level;
  let client: HttpClient | undefined;
  let authenticator: ClientAuthenticator | undefined;
  const fixedHeaders: Readonly<Record<string, string>> = {
    "content-type": config.encoding === "json" ? "application/json" : "application/x-protobuf",
    "user-agent": settings.userAgent,
    ...(encoding === undefined ? {} : { "content-encoding": encoding === "zlib" ? "deflate" : encoding }),
    ...Object.fromEntries([...config.headers].map(([name, value]) => [name.toLowerCase(), value])),
  };

  const send = async (batch: Batch, abort: AbortSignal): Promise<void> => {
    if (client === undefined || url === undefined) {
      throw new OtelierError(`no endpoint for ${signal}`, { code: "no-endpoint", outcome: "permanent" });
    }
    const plain =
      config.encoding === "json" ? [Buffer.from(bytesToOtlpJson(signal, batch.bytes))] : [...batch.chunks];
    const body = encoding === undefined ? plain : [await compress(joined(plain), encoding, level)];
    const response = await client.send({
      method: "POST",
      url,
      headers: { ...fixedHeaders, ...(await authenticator?.requestHeaders()) },
      body,
      signal: abort,
    });
    const partial = readAnswer(url, response, settings.clock.now());
    if (partial !== undefined) reportPartialSuccess(settings, signal, partial);
  };

  return createQueuedExporter({
    settings,
    signal,
    config,
    send,
    start: async (host) => {
      const tls = url?.protocol === "https:" ? await loadClientTls(config.tls) : undefined;
      if (config.auth !== undefined) authenticator = clientAuthenticator(host, config.auth.authenticator);
      client = new HttpClient({
        ...(tls === undefined ? {} : { tls }),
        keepAlive: !config.disable_keep_alives,
        maxConnections: config.max_conns_per_host,
        maxIdleConnections: config.max_idle_conns > 0 ? config.max_idle_conns : 1000,
        idleTimeoutMs: config.idle_conn_timeout,
      });
    },
    shutdown: () => {
      client?.close();
      return Promise.resolve();
    },
  });
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}

function encodingOf(config: OtlpHttpConfig): "gzip" | "deflate" | "zlib" | undefined {
  const { compression } = config;
  return compression === "gzip" || compression === "deflate" || compression === "zlib"
    ? compression
    : undefined;
}
