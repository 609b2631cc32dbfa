// How OTLP leaves the process: plain HTTP with retries while it runs, the spool once it ends. Sits below the exporters of the SDK.
// Takes the place of the SDK's retries, whose timers would keep an ending process alive.
"use strict";
const spool = require("./spool.cjs");
// Taken before anything is instrumented: the agent's own requests are no spans.
const { request: requestHttp } = require("node:http");
const { request: requestHttps } = require("node:https");
const { gzipSync } = require("node:zlib");

const success = { status: "success" };
const attempts = 5;
const firstBackoffMs = 1000;
const maxBackoffMs = 5000;

/** Every signal's outgoing requests; `end` turns all of them to the spool. */
class Outgoing {
  constructor() {
    this.ending = false;
    this.retries = true;
    this.transports = [];
  }

  /**
   * Puts our transport under an OTLP exporter. `options` are the exporter's own, from the environment (url, headers, agent,
   * compression); `headers` are the same headers as plain values, for the spool.
   */
  attach(exporter, options, headers) {
    const written = new WeakSet();
    const transport = new EndingTransport(
      this,
      new HttpTransport(options, written),
      options.url,
      headers,
      written,
    );
    exporter._delegate._transport = transport;
    this.transports.push(transport);
  }

  /** From here on requests become files; those that did not reach the socket yet do too. */
  end() {
    this.ending = true;
    for (const transport of this.transports) transport.end();
  }

  /** For an end without a launcher: every request is tried once. */
  stopRetrying() {
    this.retries = false;
  }
}

class EndingTransport {
  constructor(outgoing, inner, url, headers, written) {
    Object.assign(this, { outgoing, inner, url, headers, written, waiting: new Set() });
  }

  send(data, timeoutMillis) {
    if (this.outgoing.ending) return Promise.resolve(this.spool(data));
    return new Promise((resolve) => {
      const entry = { data, resolve };
      this.waiting.add(entry);
      const done = (response) => {
        this.waiting.delete(entry);
        resolve(response);
      };
      this.sendWithRetries(data, timeoutMillis).then(done, (error) => done({ status: "failure", error }));
    });
  }

  async sendWithRetries(data, timeoutMillis) {
    const deadline = performance.now() + timeoutMillis;
    let response = await this.inner.send(data, timeoutMillis);
    for (let attempt = 1; attempt < attempts && response.status === "retryable"; attempt++) {
      const backoff =
        Math.min(firstBackoffMs * 1.5 ** (attempt - 1), maxBackoffMs) * (0.8 + 0.4 * Math.random());
      const waitMs = response.retryInMillis ?? backoff;
      const leftMs = deadline - performance.now() - waitMs;
      if (leftMs <= 0 || !this.outgoing.retries || this.outgoing.ending) break;
      await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
      response = await this.inner.send(data, leftMs);
    }
    return response;
  }

  spool(data) {
    return spool.write(this.url, this.headers, data)
      ? success
      : { status: "failure", error: new Error("the launcher is gone") };
  }

  end() {
    for (const { data, resolve } of this.waiting)
      resolve(this.written.has(data) ? success : this.spool(data));
    this.waiting.clear();
  }

  shutdown() {
    this.inner.shutdown();
  }
}

class HttpTransport {
  constructor(options, written) {
    Object.assign(this, { options, written, url: new URL(options.url), agent: undefined });
    this.request = this.url.protocol === "https:" ? requestHttps : requestHttp;
  }

  async send(data, timeoutMillis) {
    this.agent ??= await this.options.agentFactory(this.url.protocol);
    const headers = { ...(await this.options.headers()) };
    const compressed = this.options.compression === "gzip";
    const body = compressed ? gzipSync(data) : data;
    headers["Content-Length"] = body.byteLength;
    if (compressed) headers["Content-Encoding"] = "gzip";
    return new Promise((resolve) => {
      const call = this.request(this.url, { method: "POST", headers, agent: this.agent }, (response) => {
        response.resume();
        response.on("end", () => resolve(outcome(response)));
        response.on("error", (error) => resolve({ status: "retryable", error }));
      });
      call.on("finish", () => this.written.add(data));
      call.on("error", (error) => {
        this.written.delete(data);
        resolve({ status: "retryable", error });
      });
      call.setTimeout(timeoutMillis, () => call.destroy(new Error("request timed out")));
      call.end(body);
    });
  }

  shutdown() {
    this.agent?.destroy();
  }
}

/** Statuses that OTLP lets a client retry: 429, 502, 503, 504. */
function outcome(response) {
  const code = response.statusCode ?? 0;
  if (code >= 200 && code < 300) return success;
  const error = new Error(`HTTP ${code} ${response.statusMessage ?? ""}`);
  if (![429, 502, 503, 504].includes(code)) return { status: "failure", error };
  const after = Number(response.headers["retry-after"]);
  return { status: "retryable", error, ...(after >= 0 ? { retryInMillis: after * 1000 } : {}) };
}

module.exports = { Outgoing };
