import { createServer, type IncomingMessage, type Server } from "node:http";
import { gunzipSync } from "node:zlib";
import type { AddressInfo } from "node:net";
import { anyValueToString } from "../../src/telemetry/attributes/text.ts";
import { Batch, internalContext } from "../../src/telemetry/batch.ts";
import type { Attributes } from "../../src/telemetry/tree/attributes.ts";

export interface SunkSpan {
  readonly service: string;
  readonly instance: string;
  readonly pid: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly scope: string;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SunkLog {
  readonly service: string;
  readonly instance: string;
  readonly body: string;
  readonly severity: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SunkMetric {
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly points: number;
  /** Of sums and gauges: what each point says. */
  readonly values: readonly number[];
  /** Of histograms: what each series has counted. */
  readonly histograms: readonly {
    readonly attributes: Readonly<Record<string, string>>;
    readonly count: number;
    readonly bounds: readonly number[];
  }[];
}

/** An OTLP/HTTP receiver that keeps everything it gets, decoded. Answers every request with success, unless it refuses. */
export class OtlpSink {
  readonly spans: SunkSpan[] = [];
  readonly logs: SunkLog[] = [];
  readonly metrics: SunkMetric[] = [];
  readonly server: Server;
  /** Keeps nothing and asks to come back. */
  refuses = false;
  /** What is done before it takes a request. */
  before: ((url: string) => Promise<void>) | undefined;
  /** What came while a benchmark drove load from this thread: decoding it would delay the answers that are measured. */
  private held: (readonly [url: string, body: Buffer])[] | undefined;
  private port = 0;

  constructor() {
    this.server = createServer((request, response) => {
      void readBody(request).then(async (body) => {
        await this.before?.(request.url ?? "");
        if (this.refuses) {
          response.writeHead(503).end();
          return;
        }
        if (this.held === undefined) this.take(request.url ?? "", body);
        else this.held.push([request.url ?? "", body]);
        response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on nothing is decoded until `release`. */
  hold(): void {
    this.held ??= [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const [url, body] of held) this.take(url, body);
  }

  clear(): void {
    this.spans.length = this.logs.length = this.metrics.length = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(url: string, body: Buffer): void {
    if (body.length === 0) return;
    if (url === "/v1/traces") this.takeTraces(body);
    else if (url === "/v1/logs") this.takeLogs(body);
    else if (url === "/v1/metrics") this.takeMetrics(body);
  }

  private takeTraces(body: Buffer): void {
    for (const { resource, scopeSpans } of Batch.fromBytes("traces", body, internalContext).traces()
      .resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        for (const span of spans) {
          this.spans.push({
            ...identity(resource.attributes),
            pid: Number(resource.attributes.get("process.pid") ?? 0),
            traceId: hex(span.traceId),
            spanId: hex(span.spanId),
            parentSpanId: hex(span.parentSpanId),
            name: span.name,
            kind: span.kind,
            scope: scope.name,
            durationMs: Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6,
            attributes: plain(span.attributes),
          });
        }
      }
    }
  }

  private takeLogs(body: Buffer): void {
    for (const { resource, scopeLogs } of Batch.fromBytes("logs", body, internalContext).logs()
      .resourceLogs) {
      for (const { logRecords } of scopeLogs) {
        for (const record of logRecords) {
          this.logs.push({
            ...identity(resource.attributes),
            body: anyValueToString(record.body),
            severity: record.severityText,
            traceId: hex(record.traceId),
            spanId: hex(record.spanId),
            attributes: plain(record.attributes),
          });
        }
      }
    }
  }

  private takeMetrics(body: Buffer): void {
    for (const { resource, scopeMetrics } of Batch.fromBytes("metrics", body, internalContext).metrics()
      .resourceMetrics) {
      for (const { metrics } of scopeMetrics) {
        for (const metric of metrics) {
          this.metrics.push({
            ...identity(resource.attributes),
            name: metric.name,
            points: metric.dataPointCount,
            values: [...(metric.sum?.dataPoints ?? metric.gauge?.dataPoints ?? [])].map(
              ({ asInt, asDouble }) => Number(asInt ?? asDouble),
            ),
            histograms: [...(metric.histogram?.dataPoints ?? [])].map((point) => ({
              attributes: plain(point.attributes),
              count: Number(point.count),
              bounds: point.explicitBounds,
            })),
          });
        }
      }
    }
  }
}

function identity(attributes: Attributes): { readonly service: string; readonly instance: string } {
  return {
    service: anyValueToString(attributes.get("service.name") ?? null),
    instance: anyValueToString(attributes.get("service.instance.id") ?? null),
  };
}

function plain(attributes: Attributes): Readonly<Record<string, string>> {
  return Object.fromEntries([...attributes.entries()].map(([key, value]) => [key, anyValueToString(value)]));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}
