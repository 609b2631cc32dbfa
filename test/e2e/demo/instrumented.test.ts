import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDemo, type RunningDemo } from "../../../src/stack/demo/demo-runner.ts";
import { findGo, findNpm, findPython } from "../../../src/stack/demo/toolchains.ts";
import type { Attributes } from "../../../src/telemetry/tree/attributes.ts";
import type { Resource } from "../../../src/telemetry/tree/common.ts";
import { startReceiver, type RunningReceiver } from "../../fakes/otlp-receiver.ts";
import { tracingRefused } from "../ebpf/tracing-refused.ts";

const toolchains = await Promise.all([findNpm(process.env), findPython(process.env), findGo(process.env)]);
const lacking = toolchains.flatMap((each) => (each.kind === "missing" ? [each.line] : []));
for (const line of lacking) process.stderr.write(`tests of the instrumented demo are skipped: ${line}\n`);

const refused = await tracingRefused("spans of the demo's Go service");

interface PlainSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: number;
  /** Of the URL that was asked for; "" when it is no HTTP span. */
  readonly path: string;
}

let folder: string;
let receiver: RunningReceiver;
let demo: RunningDemo;
const lines: string[] = [];

function nameOf(resource: Resource): string {
  return String(resource.attributes.get("service.name"));
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function pathOf(attributes: Attributes): string {
  const url = attributes.get("url.full");
  return url === undefined ? String(attributes.get("url.path") ?? "") : new URL(String(url)).pathname;
}

function spans(): readonly PlainSpan[] {
  return receiver.traces.batches.flatMap((batch) =>
    [...batch.traces().resourceSpans].flatMap(({ resource, scopeSpans }) =>
      [...scopeSpans].flatMap((scope) =>
        [...scope.spans].map((span) => ({
          service: nameOf(resource),
          traceId: hex(span.traceId),
          spanId: hex(span.spanId),
          parent: hex(span.parentSpanId),
          name: span.name,
          kind: span.kind,
          path: pathOf(span.attributes),
        })),
      ),
    ),
  );
}

/** "service metric unit" of everything that arrived. */
function metrics(): ReadonlySet<string> {
  return new Set(
    receiver.metrics.batches.flatMap((batch) =>
      [...batch.metrics().resourceMetrics].flatMap(({ resource, scopeMetrics }) =>
        [...scopeMetrics].flatMap((scope) =>
          [...scope.metrics].map(({ name, unit }) => `${nameOf(resource)} ${name} ${unit}`),
        ),
      ),
    ),
  );
}

interface PlainLog {
  readonly service: string;
  readonly traceId: string;
  readonly text: string;
}

function logs(): readonly PlainLog[] {
  return receiver.logs.batches.flatMap((batch) =>
    [...batch.logs().resourceLogs].flatMap(({ resource, scopeLogs }) =>
      [...scopeLogs].flatMap((scope) =>
        [...scope.logRecords].map(({ traceId, body }) => ({
          service: nameOf(resource),
          traceId: hex(traceId),
          text: String(body),
        })),
      ),
    ),
  );
}

describe.skipIf(lacking.length > 0)("the demo under the launcher", () => {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "otelier-instrumented-"));
    // As root the database runs as another user, who must be able to pass through.
    chmodSync(folder, 0o711);
    receiver = await startReceiver();
    demo = await startDemo({
      root: path.resolve(import.meta.dirname, "../../.."),
      dataDir: folder,
      otlpEndpoint: `http://127.0.0.1:${receiver.httpPort}`,
      output: (line) => lines.push(line),
      signal: new AbortController().signal,
      environment: { ...process.env, OTEL_METRIC_EXPORT_INTERVAL: "1000" },
      ports: { storefront: 28_680, reviews: 28_780, inventory: 28_880, payments: 28_980, database: 29_080 },
    });
  });
  afterAll(async () => {
    await demo.stop();
    await receiver.receiver.shutdown();
    rmSync(folder, { recursive: true, force: true });
  });

  test("says what was instrumented, a line a service", async () => {
    await expect.poll(() => lines.join("\n")).toMatch(/^storefront .*instrumented .*express/m);
    await expect.poll(() => lines.join("\n")).toMatch(/^reviews .*instrumented .*flask/m);
    await expect
      .poll(() => lines.join("\n"))
      .toMatch(
        refused === undefined
          ? /^inventory \(go .*instrumented net\/http server, database\/sql by eBPF/m
          : /^inventory is a Go program and runs without spans: /m,
      );
    expect(lines.filter((line) => line.startsWith("otelier:"))).toEqual([]);
  });

  test("one trace goes through storefront and reviews, each span below its caller", async () => {
    const chains = (): readonly string[] => {
      const all = spans();
      const byId = new Map(all.map((span) => [span.traceId + span.spanId, span]));
      return all
        .filter((span) => span.service === "reviews" && span.kind === 2)
        .map((span) => ({ span, caller: byId.get(span.traceId + span.parent) }))
        .filter(({ caller }) => caller?.service === "storefront" && caller.kind === 3)
        .map(({ span }) => span.name);
    };
    await expect.poll(() => chains().join("\n")).toContain("GET /products/<sku>/reviews");
    // The page's own span ends, and is sent, after those of its calls.
    await expect
      .poll(spans)
      .toContainEqual(expect.objectContaining({ service: "storefront", name: "GET /products/:sku" }));
    // The pages' roots are the storefront's: visitors and the payment company are outside.
    const services = new Set(spans().map(({ service }) => service));
    expect([...services].filter((service) => service !== "inventory").sort()).toEqual([
      "reviews",
      "storefront",
    ]);
  });

  test.skipIf(refused !== undefined)(
    "one trace goes through storefront and inventory into the database, each span below its caller",
    async () => {
      const chains = (): readonly string[] => {
        const all = spans();
        const byId = new Map(all.map((span) => [span.traceId + span.spanId, span]));
        return all
          .filter((span) => span.service === "inventory" && span.kind === 3)
          .flatMap((statement) => {
            const server = byId.get(statement.traceId + statement.parent);
            const caller = server === undefined ? undefined : byId.get(server.traceId + server.parent);
            return server?.service === "inventory" && caller?.service === "storefront" && caller.kind === 3
              ? [`${server.name} > ${statement.name}`]
              : [];
          });
      };
      await expect.poll(() => chains().join("\n")).toContain("GET /products/{sku} > SELECT products");
    },
  );

  test.skipIf(refused !== undefined)(
    "100 pages at once: every request of inventory below the one that the storefront sent",
    async () => {
      const shop = demo.services.find(({ name }) => name === "storefront");
      const marks = Array.from({ length: 100 }, (_, index) => `SKU-${index}-of-nobody`);
      await Promise.all(marks.map(async (mark) => (await fetch(`${shop?.url}/products/${mark}`)).text()));
      const served = (): readonly PlainSpan[] =>
        spans().filter(
          ({ service, kind, path: asked }) =>
            service === "inventory" && kind === 2 && asked.endsWith("-of-nobody"),
        );
      await expect.poll(() => served().length).toBe(100);
      const callers = (): ReadonlyMap<string, PlainSpan> =>
        new Map(
          spans()
            .filter(({ service, kind }) => service === "storefront" && kind === 3)
            .map((span) => [span.traceId + span.spanId, span]),
        );
      // The storefront sends its spans a little later.
      await expect
        .poll(() => served().filter((span) => !callers().has(span.traceId + span.parent)))
        .toEqual([]);
      const wrong = served().filter((span) => callers().get(span.traceId + span.parent)?.path !== span.path);
      expect(wrong).toEqual([]);
      expect(new Set(served().map(({ path: asked }) => asked)).size).toBe(100);
    },
  );

  test("spans that the services make themselves lie in the request's, and their counters arrive", async () => {
    const shop = demo.services.find(({ name }) => name === "storefront")?.url ?? "";
    const post = (page: string, form: Record<string, string>, cookie = ""): Promise<Response> =>
      fetch(`${shop}${page}`, {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { cookie },
        redirect: "manual",
      });
    const text = "It floats, it rings, and the herons have got used to it.";
    await post("/products/GRD-102/reviews", { author: "Ada", stars: "5", text });
    const cart = await post("/cart", { sku: "GRD-102", quantity: "1" });
    const cookie = cart.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    await post("/checkout", { customer: "Ada", card: "4000123412341234" }, cookie);
    /** Names from the span up to the request that it lies in. */
    const chains = (): readonly string[] => {
      const all = spans();
      const byId = new Map(all.map((span) => [span.traceId + span.spanId, span]));
      return all
        .filter(({ name }) => name === "check out" || name === "check review")
        .map((span) => {
          let above = byId.get(span.traceId + span.parent);
          while (above !== undefined && above.kind !== 2) above = byId.get(above.traceId + above.parent);
          return `${span.service}: ${span.name} < ${above?.name}`;
        });
    };
    await expect.poll(() => chains().join("\n")).toContain("storefront: check out < POST /checkout");
    await expect
      .poll(() => chains().join("\n"))
      .toContain("reviews: check review < POST /products/<sku>/reviews");
    await expect.poll(() => [...metrics()]).toContain("storefront shop.checkouts {checkout}");
    await expect.poll(() => [...metrics()]).toContain("reviews shop.reviews {review}");
  });

  test.each([
    ["storefront", "http.server.request.duration s"],
    ["storefront", "http.client.request.duration s"],
    ["reviews", "http.server.request.duration s"],
  ])("metrics of %s: %s", async (service, metric) => {
    await expect.poll(() => [...metrics()]).toContain(`${service} ${metric}`);
  });

  test.each(["storefront", "reviews"])("logs of %s carry the ids of traces that arrived", async (service) => {
    await expect
      .poll(() => {
        const known = new Set(spans().map(({ traceId }) => traceId));
        return logs().some(
          (log) => log.service === service && log.text.includes("request served") && known.has(log.traceId),
        );
      })
      .toBe(true);
  });
});
