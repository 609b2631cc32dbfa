/**
 * `otelier up`: opens the store, runs the configuration into it, serves UI and API, starts the demo when asked, and stops all of it in the
 * order in which nothing is lost: visitors and demo, receivers, pipelines, store.
 */
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { messageOf, OtelierError } from "../base/error.ts";
import { systemRandom } from "../base/random.ts";
import type { HttpServer } from "../base/net/http-server.ts";
import { createHealth } from "../api/explore/health.ts";
import { createExploreApi, type ExploreApi } from "../api/explore/server.ts";
import type { SendersAnswer } from "../api/explore/wire.ts";
import { createStaticFiles } from "../api/ui/static-files.ts";
import { componentFactories } from "../components/index.ts";
import type { AnyFactory, Extension, ServerAuthenticator } from "../pipeline/component.ts";
import { SenderRegistry } from "../pipeline/senders/sender-registry.ts";
import { createMetricRegistry, type MetricRegistry } from "../pipeline/self-metrics/registry.ts";
import { SelfTracer } from "../pipeline/self-traces/self-tracer.ts";
import type { Service } from "../pipeline/service/service.ts";
import { openViewFile } from "../storage/view-file.ts";
import type { TenantAges } from "../storage/clickhouse/retention-settings.ts";
import type { Store } from "../storage/store.ts";
import type { Signal } from "../telemetry/signal.ts";
import { builtInAuthenticator, builtInConfig, type BuiltInOptions } from "./built-in-config.ts";
import { runCollector, type CollectorOutput } from "./collector.ts";
import { runDemo } from "./demo-service.ts";
import { startHttpFront } from "./http-front.ts";
import { Notices } from "./notices.ts";
import { keepOwnTelemetry } from "./own-telemetry.ts";
import { ownMetrics } from "./own-metrics.ts";
import { uiRoot } from "./package-root.ts";
import { exposureProblem, isExposed } from "./exposure.ts";
import { openStackStore } from "./stack-store.ts";
import { registerStoreMetrics } from "./store-metrics.ts";

/** With several tenants: who has what the stack makes itself, and what the demo sends. */
const ownTenant = "otelier";
const demoTenant = "demo";

export interface StackOptions extends BuiltInOptions {
  readonly dataDir: string;
  /** Address of UI and API. */
  readonly http: string;
  /** Collector configurations to run instead of the built-in one. */
  readonly configFiles: readonly string[];
  readonly demo: boolean;
  /** 0 keeps all. */
  readonly retentionMs: number;
  /** Ages of signals that are kept for another time. */
  readonly signalRetentionMs: Readonly<Partial<Record<Signal, number>>>;
  /** Of tenants that have ages of their own. */
  readonly tenantRetention: Readonly<Record<string, TenantAges>>;
  /** 0 for no limit. */
  readonly maxDiskBytes: number;
  /** New metric series a day and tenant; 0 for no bound. */
  readonly maxSeries: number;
  /** Attribute keys of one tenant, day, signal and scope that the catalogue keeps; 0 for no bound. */
  readonly maxAttributeKeys: number;
  readonly insecureBind: boolean;
  /** Keep own metrics too. */
  readonly ownMetrics: boolean;
  /** Keep own traces too: of a few requests, what became of them. */
  readonly ownTraces: boolean;
  /** What an answer to a sender means. */
  readonly durability: "disk" | "memory";
  readonly version: string;
  /** The two limits as the user wrote them. */
  readonly retentionText: string;
  readonly maxDiskText: string;
}

export interface StackIo {
  readonly stdout: CollectorOutput;
  readonly stderr: CollectorOutput & { readonly columns?: number | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly stopSignal: AbortSignal;
}

/** Runs until the stop signal; gives the exit code: 0 stopped, 1 failed, 2 bad configuration. */
export async function runStack(options: StackOptions, io: StackIo): Promise<number> {
  const problem = exposureProblem(options);
  if (problem !== undefined) {
    io.stderr.write(`otelier: ${problem}\n`);
    return 2;
  }
  const say = (line: string): void => void io.stderr.write(`otelier: ${line}\n`);
  const metrics = createMetricRegistry();
  const notices = new Notices(say);
  let store: Store;
  try {
    store = await openStackStore(options, notices);
  } catch (error) {
    say(messageOf(error));
    return 1;
  }
  // A failure of one part stops the others as a signal would.
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  if (io.stopSignal.aborted) stop.abort();
  io.stopSignal.addEventListener("abort", onSignal);
  const stack = new Stack(options, io, { store, metrics, notices, stop, say });
  try {
    const code = await stack.run();
    return stack.failed ? 1 : code;
  } finally {
    io.stopSignal.removeEventListener("abort", onSignal);
    await store.close();
  }
}

interface Parts {
  readonly store: Store;
  readonly metrics: MetricRegistry;
  readonly notices: Notices;
  readonly stop: AbortController;
  readonly say: (line: string) => void;
}

class Stack {
  failed = false;
  private readonly options: StackOptions;
  private readonly io: StackIo;
  private readonly parts: Parts;
  private readonly senders = new SenderRegistry({ clock: systemClock });
  private front: { readonly server: HttpServer; readonly api: ExploreApi } | undefined;
  private isReceiving = false;
  private readonly tracer: SelfTracer | undefined;
  private endOwnTelemetry: (() => Promise<void>) | undefined;
  private demo: Promise<void> = Promise.resolve();
  private readonly startedUnixMs = systemClock.now();
  /** Requests of the API must name their tenants: once a receiver's must, nobody else can say whose telemetry is meant. */
  private multitenancy: boolean;
  /** Where to send; of the last receiver that began to listen. */
  private endpoints: SendersAnswer["endpoints"] = { grpc: "", http: "" };

  constructor(options: StackOptions, io: StackIo, parts: Parts) {
    this.options = options;
    this.io = io;
    this.parts = parts;
    this.multitenancy = options.multitenancy;
    this.tracer = options.ownTraces
      ? new SelfTracer({ clock: systemClock, random: systemRandom })
      : undefined;
  }

  async run(): Promise<number> {
    const { options, io } = this;
    const demoStop = new AbortController();
    // The demo goes first: what it sends while it ends must still be received.
    const pipelineStop = new AbortController();
    this.parts.stop.signal.addEventListener("abort", () => {
      this.isReceiving = false;
      demoStop.abort();
      void this.demo.finally(() => pipelineStop.abort());
    });
    if (this.parts.stop.signal.aborted) return 0;
    const config = options.configFiles.length > 0 ? options.configFiles : [`yaml:${builtInConfig(options)}`];
    const code = await runCollector({
      load: { config, environment: io.environment, workingDirectory: io.workingDirectory },
      factories: () => this.factories(),
      userAgent: `otelier/${options.version}`,
      stdout: io.stdout,
      stderr: io.stderr,
      metrics: this.parts.metrics,
      stopSignal: pipelineStop.signal,
      ...(this.tracer === undefined ? {} : { tracer: this.tracer }),
      onStarted: (service) => {
        void this.onStarted(service, demoStop.signal);
      },
    });
    demoStop.abort();
    await this.demo;
    await this.endOwnTelemetry?.();
    this.front?.api.close();
    await this.front?.server.close(1000);
    return code;
  }

  private factories(): readonly AnyFactory[] {
    const { insecureBind } = this.options;
    return componentFactories({
      senders: this.senders,
      store: this.parts.store,
      storeEndpoint: this.options.clickhouse,
      dataDir: this.options.dataDir,
      otlp: {
        exposure: insecureBind ? "allow" : "refuse",
        refuseForeignOrigins: true,
        portOptions: { grpc: "--otlp-grpc HOST:PORT", http: "--otlp-http HOST:PORT" },
        onTenancy: ({ receiver, multitenancy }) => this.noteTenancy(receiver, multitenancy),
        onListening: (urls) => {
          this.endpoints = {
            grpc: reachable(urls.grpc) ?? reachable(urls.http) ?? "",
            http: reachable(urls.http) ?? reachable(urls.grpc) ?? "",
          };
        },
      },
    });
  }

  private noteTenancy(receiver: string, multitenancy: boolean): void {
    if (multitenancy) this.multitenancy = true;
    else if (this.options.multitenancy) {
      const message = `receiver "${receiver}" has no multitenancy_enabled: what it takes is of no tenant, and can be asked for by none`;
      this.parts.notices.add("warning", message);
    }
  }

  private async onStarted(service: Service, demoStop: AbortSignal): Promise<void> {
    try {
      this.isReceiving = !this.parts.stop.signal.aborted;
      registerStoreMetrics(this.parts.metrics, this.parts.store);
      this.endOwnTelemetry ??= this.startOwnTelemetry();
      if (this.front === undefined) await this.startFront(service);
      if (this.options.demo && !demoStop.aborted) {
        this.demo = runDemo({
          dataDir: this.options.dataDir,
          endpoint: this.endpoints.http,
          tenant: this.multitenancy ? demoTenant : "",
          environment: this.io.environment,
          progress: this.io.stderr,
          say: this.parts.say,
          signal: demoStop,
        });
        await this.demo;
      }
    } catch (error) {
      this.failed = true;
      this.parts.say(messageOf(error));
      this.parts.stop.abort();
    }
  }

  private startOwnTelemetry(): () => Promise<void> {
    const { metrics, notices, store } = this.parts;
    return keepOwnTelemetry({
      store,
      metrics,
      clock: systemClock,
      random: systemRandom,
      version: this.options.version,
      tenant: this.multitenancy ? ownTenant : "",
      keeps: { metrics: this.options.ownMetrics, tracer: this.tracer },
      onFailure: (message) => notices.add("warning", message),
    });
  }

  private async startFront(service: Service): Promise<void> {
    const { options, parts } = this;
    const api = createExploreApi({
      store: parts.store,
      views: openViewFile(join(options.dataDir, "views.json")),
      senders: this.senders,
      metrics: parts.metrics,
      clock: systemClock,
      version: options.version,
      endpoints: this.endpoints,
      notices: () => parts.notices.list(),
      startedUnixMs: this.startedUnixMs,
      multitenancy: () => this.multitenancy,
    });
    const files = createStaticFiles(uiRoot());
    const authenticator = authenticatorOf(service, builtInAuthenticator(options));
    const server = await startHttpFront({
      endpoint: options.http,
      policy: {},
      exposed: isExposed(options.http),
      ...(authenticator === undefined ? {} : { authenticator }),
      openResponders: [
        createHealth({
          store: parts.store,
          clock: systemClock,
          startedUnixMs: this.startedUnixMs,
          isReceiving: () => this.isReceiving,
        }),
      ],
      responders: [(request) => api.answer(request), ownMetrics(parts.metrics), files],
      onError: (error) => parts.notices.add("error", `a request failed: ${messageOf(error)}`),
    });
    this.front = { server, api };
    const where = options.clickhouse === "" ? options.dataDir : "ClickHouse";
    const disk = options.maxDiskBytes === 0 ? "" : `, at most ${options.maxDiskText}`;
    parts.say(`receiving OTLP on ${this.endpoints.grpc} and ${this.endpoints.http} (every protocol on both)`);
    parts.say(
      `keeping ${options.retentionMs === 0 ? "everything" : options.retentionText} in ${where}${disk}`,
    );
    if (options.durability === "memory") {
      parts.say(
        "answers mean: in the system's memory; a power cut may lose the last seconds (--durability memory)",
      );
    }
    if (this.multitenancy) {
      parts.say("several tenants: each request names its own by X-Scope-OrgID; the page asks for it");
    }
    const page = isExposed(options.http) ? reachable(server.urls) : `http://localhost:${server.port}`;
    parts.say(`ready: open ${page ?? ""}`);
  }
}

/** Throws when credentials were asked for and nothing would check them. */
function authenticatorOf(service: Service, id: string): ServerAuthenticator | undefined {
  if (id === "") return undefined;
  const extension = service.extension(id);
  if (extension !== undefined && isAuthenticator(extension)) return extension;
  throw new OtelierError(
    `cannot check credentials: the configuration runs no "${id}" extension; add it to extensions and service.extensions`,
    { code: "no-authenticator", outcome: "permanent" },
  );
}

function isAuthenticator(extension: Extension): extension is ServerAuthenticator {
  return "authenticate" in extension;
}

/** The first of the URLs that works from this machine: a wildcard address is reached by loopback. */
function reachable(urls: readonly string[]): string | undefined {
  return urls[0]?.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
