import { seededRandom, type Random } from "../../src/base/random.ts";
import { Writer } from "../../src/telemetry/wire/writer.ts";
import { attribute, bytes, fixed64, integer, latencyMs, message, skewed, text, varint } from "./proto.ts";
import { makeInstances, writeResource, type Instance } from "./resource.ts";
import { exceptions, services, statementNames, statements, userAgents } from "./vocabulary.ts";

export interface TracesOptions {
  readonly seed: number;
  /** Spans in all. */
  readonly spans: number;
  /** Spans of one Export request, all of one service instance as an SDK sends them; the last request of each is smaller. */
  readonly spansPerRequest: number;
  readonly startUnixNano: bigint;
}

interface SpanPlan {
  readonly kind: "server" | "client" | "database" | "internal";
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array | undefined;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly route: string;
  readonly peer: string;
  readonly failed: boolean;
}

/** Spans that an instance has not sent yet. */
interface Queue {
  readonly instance: Instance;
  readonly spans: SpanPlan[];
}

/**
 * Export requests with `spans` spans of whole traces through the shop: 10 to 40 spans a trace over several services, parents that
 * exist, 7 to 14 attributes a span beside 9 of the resource, two percent failed with an exception event. Equal options give
 * equal bytes.
 */
export function generateTraces(options: TracesOptions): Uint8Array[] {
  const random = seededRandom(options.seed);
  const instances = makeInstances(random);
  const queues = instances.map((list) => list.map((instance): Queue => ({ instance, spans: [] })));
  const requests: Uint8Array[] = [];
  let made = 0;
  let now = options.startUnixNano;
  const trace: TraceMaker = {
    random,
    traceId: random.bytes(16),
    emit: (service, plan) => {
      if (made === options.spans) return;
      made++;
      const queue = queues[service]![plan.traceId[15]! & 1]!;
      queue.spans.push(plan);
      if (queue.spans.length === options.spansPerRequest) requests.push(flush(queue, random));
    },
  };
  while (made < options.spans) {
    trace.traceId = random.bytes(16);
    now += BigInt(integer(random, 4_000_000));
    serve(trace, 0, undefined, now, latencyMs(random), 0);
  }
  for (const queue of queues.flat()) if (queue.spans.length > 0) requests.push(flush(queue, random));
  return requests;
}

interface TraceMaker {
  readonly random: Random;
  traceId: Uint8Array;
  emit(service: number, plan: SpanPlan): void;
}

/** A request to a service: its server span, then what it calls. A caller's span comes before those of the called. */
function serve(
  trace: TraceMaker,
  service: number,
  parent: Uint8Array | undefined,
  start: bigint,
  ms: number,
  depth: number,
): void {
  const { random } = trace;
  const spanId = random.bytes(8);
  const route = skewed(random, services[service]!.routes);
  const failed = random.next() < 0.02;
  const end = start + BigInt(Math.round(ms * 1e6));
  const base = { traceId: trace.traceId, route, failed, peer: "" };
  trace.emit(service, {
    ...base,
    kind: "server",
    spanId,
    parentSpanId: parent,
    startUnixNano: start,
    endUnixNano: end,
  });
  const calls = depth >= 3 ? 0 : 1 + integer(random, 4);
  for (let call = 0; call < calls; call++) {
    const from = start + BigInt(Math.round((ms * 1e6 * call) / (calls + 1)));
    const share = (ms / (calls + 1)) * (0.4 + 0.6 * random.next());
    const childId = random.bytes(8);
    const span = {
      ...base,
      failed: failed && call === 0,
      spanId: childId,
      parentSpanId: spanId,
      startUnixNano: from,
      endUnixNano: from + BigInt(Math.round(share * 1e6)),
    };
    const draw = random.next();
    if (draw < 0.4) trace.emit(service, { ...span, kind: "database" });
    else if (draw < 0.55) trace.emit(service, { ...span, kind: "internal" });
    else {
      const called = 1 + integer(random, services.length - 1);
      trace.emit(service, { ...span, kind: "client", peer: services[called]!.name });
      serve(trace, called, childId, from + BigInt(Math.round(share * 5e4)), share * 0.9, depth + 1);
    }
  }
}

const scopes: Readonly<Record<SpanPlan["kind"], string>> = {
  server: "io.opentelemetry.http",
  client: "io.opentelemetry.http",
  database: "io.opentelemetry.sql",
  internal: "shop",
};

/** The request of everything in the queue, which is empty afterwards. */
function flush(queue: Queue, random: Random): Uint8Array {
  const writer = new Writer(queue.spans.length * 900 + 1024);
  const plans = queue.spans.splice(0);
  const write = (): void => {
    writeResource(writer, queue.instance);
    for (const scope of new Set(plans.map((plan) => scopes[plan.kind]))) {
      const writeScope = (): void => {
        message(writer, 1, () => {
          text(writer, 1, scope);
          text(writer, 2, "0.57.1");
        });
        for (const plan of plans) {
          if (scopes[plan.kind] === scope)
            message(writer, 2, () => writeSpan(writer, plan, queue.instance, random), 600);
        }
      };
      message(writer, 2, writeScope, 100_000);
    }
    text(writer, 3, "https://opentelemetry.io/schemas/1.30.0");
  };
  message(writer, 1, write, 100_000);
  return writer.finish();
}

const kinds: Readonly<Record<SpanPlan["kind"], number>> = { server: 2, client: 3, database: 3, internal: 1 };

function writeSpan(writer: Writer, plan: SpanPlan, instance: Instance, random: Random): void {
  const statement = integer(random, statements.length);
  const method = plan.route.includes("cart/") || plan.route === "/charge" ? "POST" : "GET";
  const names = {
    server: `${method} ${plan.route}`,
    client: method,
    database: statementNames[statement]!,
    internal: `render ${plan.route}`,
  };
  bytes(writer, 1, plan.traceId);
  bytes(writer, 2, plan.spanId);
  if (plan.parentSpanId !== undefined) bytes(writer, 4, plan.parentSpanId);
  text(writer, 5, names[plan.kind]);
  varint(writer, 6, kinds[plan.kind]);
  fixed64(writer, 7, plan.startUnixNano);
  fixed64(writer, 8, plan.endUnixNano);
  if (plan.kind === "database") writeDatabase(writer, statement, random);
  else if (plan.kind === "internal") writeInternal(writer, plan, random);
  else writeHttp(writer, plan, method, instance, random);
  if (plan.failed) writeException(writer, plan, random);
  else if (random.next() < 0.05) writeCacheEvent(writer, plan);
  if (plan.failed) {
    message(writer, 15, () => {
      text(writer, 2, "Internal Server Error");
      varint(writer, 3, 2);
    });
  } else message(writer, 15, () => undefined);
  // Sampled and "has remote parent is known", as current SDKs send them.
  writer.tag(16, 5);
  writer.fixed32(plan.kind === "server" ? 0x301 : 0x101);
}

function writeHttp(writer: Writer, plan: SpanPlan, method: string, instance: Instance, random: Random): void {
  const path = plan.route.replace(/[:{]\w+\}?/g, () => String(1000 + integer(random, 9000)));
  const server = plan.kind === "server";
  attribute(writer, 9, "http.request.method", method);
  attribute(writer, 9, "url.scheme", "http");
  attribute(writer, 9, "url.path", path);
  attribute(writer, 9, "server.address", server ? instance.service.name : plan.peer);
  attribute(writer, 9, "server.port", 8080n);
  attribute(
    writer,
    9,
    "http.response.status_code",
    plan.failed ? 500n : skewed(random, [200n, 200n, 304n, 404n]),
  );
  attribute(writer, 9, "network.protocol.version", "1.1");
  attribute(writer, 9, "network.peer.address", `10.0.${integer(random, 4)}.${integer(random, 250)}`);
  attribute(writer, 9, "network.peer.port", BigInt(32768 + integer(random, 28000)));
  attribute(writer, 9, "thread.id", BigInt(1 + integer(random, 16)));
  if (!server) {
    attribute(writer, 9, "url.full", `http://${plan.peer}:8080${path}`);
    return;
  }
  attribute(writer, 9, "http.route", plan.route);
  attribute(writer, 9, "user_agent.original", skewed(random, userAgents));
  attribute(writer, 9, "client.address", `203.0.113.${integer(random, 250)}`);
  if (plan.route === "/search") attribute(writer, 9, "url.query", `q=lamp&page=${integer(random, 5)}`);
}

function writeDatabase(writer: Writer, statement: number, random: Random): void {
  attribute(writer, 9, "db.system.name", "postgresql");
  attribute(writer, 9, "db.namespace", "shop");
  attribute(writer, 9, "db.query.text", statements[statement]!);
  attribute(writer, 9, "db.operation.name", statementNames[statement]!.split(" ")[0]!);
  attribute(writer, 9, "db.collection.name", statementNames[statement]!.split(" ")[1]!);
  attribute(writer, 9, "server.address", "postgres.shop.svc.cluster.local");
  attribute(writer, 9, "server.port", 5432n);
  attribute(writer, 9, "db.response.returned_rows", BigInt(integer(random, 40)));
}

function writeInternal(writer: Writer, plan: SpanPlan, random: Random): void {
  attribute(writer, 9, "code.function.name", "shop.render");
  attribute(writer, 9, "code.line.number", BigInt(20 + integer(random, 200)));
  attribute(writer, 9, "shop.template", plan.route);
  attribute(writer, 9, "shop.cache.ratio", Math.round(random.next() * 1000) / 1000);
  attribute(writer, 9, "shop.user.premium", random.next() < 0.1);
  attribute(writer, 9, "shop.experiments", ["checkout-v2", "free-shipping"]);
  attribute(writer, 9, "shop.user.id", `user-${integer(random, 5000)}`);
}

function writeException(writer: Writer, plan: SpanPlan, random: Random): void {
  const [type, why, stacktrace] = skewed(random, exceptions);
  const write = (): void => {
    fixed64(writer, 1, plan.endUnixNano);
    text(writer, 2, "exception");
    attribute(writer, 3, "exception.type", type);
    attribute(writer, 3, "exception.message", why);
    attribute(writer, 3, "exception.stacktrace", stacktrace);
  };
  message(writer, 11, write, 500);
}

function writeCacheEvent(writer: Writer, plan: SpanPlan): void {
  message(writer, 11, () => {
    fixed64(writer, 1, plan.startUnixNano);
    text(writer, 2, "cache.miss");
    attribute(writer, 3, "cache.key", `page:${plan.route}`);
  });
}
