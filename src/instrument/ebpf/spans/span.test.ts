import { describe, expect, test } from "vitest";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { encodeSpans } from "./encode.ts";
import { readRecord, recordBytes, type HttpRecord, type SpanRecord } from "./record.ts";
import { databaseSystemOf, keyValues, resourceOf } from "./resource.ts";
import { spanOf } from "./span.ts";

type Texts = readonly (readonly [text: string, length?: number])[];

/** A record as bpf/span.h lays it out: method, host, path, query, peer, route. */
function httpBytes(kind: number, texts: Texts): Buffer {
  const head = Buffer.alloc(recordBytes.head);
  head.writeUInt32LE(kind, 0);
  head.writeUInt32LE(77, 4);
  head.writeBigUInt64LE(1000n, 8);
  head.writeBigUInt64LE(3000n, 16);
  head.fill(0xaa, 24, 40).fill(0xbb, 40, 48);
  head[62] = head[63] = 1;
  head.writeUInt16LE(1, 76);
  for (const [index, [text, length]] of texts.entries())
    head.writeUInt16LE(length ?? text.length, 64 + 2 * index);
  const [method = "", host = "", path = "", query = "", peer = "", route = ""] = texts.map(([text]) => text);
  return Buffer.concat([head, Buffer.from([peer, method, path, query, host, route].join(""))]);
}

function http(changes: Partial<HttpRecord>): HttpRecord {
  const base: HttpRecord = {
    kind: "http-server",
    process: 77,
    startNs: 1000n,
    endNs: 3000n,
    traceId: new Uint8Array(16).fill(0xaa),
    spanId: new Uint8Array(8).fill(0xbb),
    parentId: undefined,
    failed: false,
    sampled: true,
    status: 200,
    secure: false,
    method: "GET",
    path: "/",
    query: "",
    pattern: "",
    host: "",
    peer: "",
    protocol: "1.1",
  };
  return { ...base, ...changes };
}

describe("a record", () => {
  test("of a server's request", () => {
    const bytes = httpBytes(1, [["POST"], ["shop:80"], ["/a"], ["x=1"], ["[::1]:5"], ["POST /{key}"]]);
    bytes.writeUInt32LE(201, 56);
    expect(readRecord(bytes)).toEqual(
      http({
        status: 201,
        method: "POST",
        path: "/a",
        query: "x=1",
        pattern: "POST /{key}",
        host: "shop:80",
        peer: "[::1]:5",
      }),
    );
  });

  test("keeps what fits of a longer text", () => {
    const bytes = httpBytes(1, [["GET"], ["h"], ["p".repeat(256), 9000], ["", 0], ["", 0], ["/route"]]);
    expect(readRecord(bytes)).toMatchObject({ path: "p".repeat(256), pattern: "/route" });
  });

  test.each([
    ["empty", Buffer.alloc(0)],
    ["of an unknown kind", Buffer.alloc(2000, 9)],
    ["cut", httpBytes(1, [["GET"], ["shop"]]).subarray(0, 86)],
  ])("%s is none", (_, bytes) => {
    expect(readRecord(bytes)).toBeUndefined();
  });
});

test.each<[string, Partial<HttpRecord>, string, Readonly<Record<string, string | number>>, boolean]>([
  [
    "a matched pattern names the span",
    { pattern: "GET shop.example/products/{sku}", path: "/products/7", host: "shop.example" },
    "GET /products/{sku}",
    { "http.route": "/products/{sku}", "server.address": "shop.example", "url.path": "/products/7" },
    false,
  ],
  ["without one the method does", { path: "/x" }, "GET", { "url.path": "/x" }, false],
  [
    "{$} is no part of a route",
    { pattern: "/shelves/{$}" },
    "GET /shelves/",
    { "http.route": "/shelves/" },
    false,
  ],
  ["404 is no error of a server", { status: 404 }, "GET", { "http.response.status_code": 404 }, false],
  ["a handler that panics is", { status: 0, failed: true }, "GET", { "error.type": "_OTHER" }, true],
  ["500 is", { status: 500 }, "GET", { "error.type": "500" }, true],
  [
    "an unknown method",
    { method: "BREW" },
    "HTTP",
    { "http.request.method": "_OTHER", "http.request.method_original": "BREW" },
    false,
  ],
  [
    "addresses of IPv6",
    { peer: "[::1]:5000", host: "[::1]:80" },
    "GET",
    { "client.address": "::1", "client.port": 5000, "server.address": "::1", "server.port": 80 },
    false,
  ],
  [
    "a client's request",
    { kind: "http-client", method: "", secure: true, host: "api.example", path: "/v1", query: "a=b" },
    "GET",
    { "url.full": "https://api.example/v1?a=b", "server.address": "api.example", "server.port": 443 },
    false,
  ],
  ["404 is an error of a client", { kind: "http-client", status: 404 }, "GET", { "error.type": "404" }, true],
  [
    "no answer at all",
    { kind: "http-client", status: 0, failed: true, host: "gone:81" },
    "GET",
    { "error.type": "_OTHER", "server.port": 81 },
    true,
  ],
])("%s", (_, record, name, attributes, failed) => {
  const span = spanOf(http(record), "postgresql");
  expect([span.name, span.failed]).toEqual([name, failed]);
  expect(Object.fromEntries(span.attributes)).toMatchObject(attributes);
});

test("a statement", () => {
  const { traceId, spanId, parentId, process, startNs, endNs } = http({});
  const record: SpanRecord = {
    kind: "sql",
    process,
    startNs,
    endNs,
    traceId,
    spanId,
    parentId,
    failed: true,
    sampled: true,
    text: "SELECT a FROM b WHERE c = 5",
    cut: true,
  };
  const span = spanOf(record, "mysql");
  expect([span.name, span.kind, span.failed]).toEqual(["SELECT b", 3, true]);
  expect(Object.fromEntries(span.attributes)).toEqual({
    "db.system.name": "mysql",
    "db.query.text": "SELECT a FROM b WHERE c = ?...",
    "db.operation.name": "SELECT",
    "db.query.summary": "SELECT b",
    "error.type": "_OTHER",
  });
});

test("spans as an OTLP request", () => {
  const parentId = new Uint8Array(8).fill(0xcc);
  const pieces = encodeSpans(
    [
      {
        resource: new Map([["service.name", "shop"]]),
        items: [spanOf(http({ status: 500, parentId }), "")],
      },
    ],
    { version: "1.2.3", epochNs: 1_700_000_000_000_000_000n },
  );
  const bytes = Buffer.concat(pieces);
  const [group] = [...Batch.fromBytes("traces", bytes, internalContext).traces().resourceSpans];
  const [scope] = [...group!.scopeSpans];
  const [span] = [...scope!.spans];
  expect(group!.resource.attributes.get("service.name")).toBe("shop");
  expect([scope!.scope.name, scope!.scope.version]).toEqual(["otelier.ebpf.go", "1.2.3"]);
  expect([span!.startTimeUnixNano, span!.endTimeUnixNano]).toEqual([
    1_700_000_000_000_001_000n,
    1_700_000_000_000_003_000n,
  ]);
  expect(Buffer.from(span!.parentSpanId)).toEqual(Buffer.from(parentId));
  expect([span!.name, span!.kind, span!.status.code]).toEqual(["GET", 2, 2]);
  expect(span!.attributes.get("http.response.status_code")).toBe(500n);
});

test("the resource of a process: what its environment says stands above what is found", () => {
  const build = {
    version: "1.26.8",
    major: 1,
    minor: 26,
    experiments: [],
    mainPackage: "x",
    modules: new Map<string, string>(),
  };
  const process = { pid: 7, executable: "/srv/shop", build };
  const resource = resourceOf(process, { OTEL_RESOURCE_ATTRIBUTES: "team=a%20b,host.name=h" }, "1.2.3");
  expect(Object.fromEntries(resource)).toMatchObject({
    "service.name": "shop",
    "telemetry.distro.name": "otelier",
    "telemetry.sdk.language": "go",
    "process.pid": 7,
    "process.executable.path": "/srv/shop",
    "process.runtime.version": "1.26.8",
    team: "a b",
    "host.name": "h",
  });
  expect(resourceOf(process, { OTEL_SERVICE_NAME: "till" }, "1").get("service.name")).toBe("till");
});

test.each([
  [["github.com/lib/pq"], "postgresql"],
  [["github.com/jackc/pgx/v5", "github.com/lib/pq"], "postgresql"],
  [["github.com/lib/pq", "modernc.org/sqlite"], "other_sql"],
  [[], "other_sql"],
])("the database of %s is %s", (modules, system) => {
  const build = {
    version: "1.26.8",
    major: 1,
    minor: 26,
    experiments: [],
    mainPackage: "x",
    modules: new Map(modules.map((module) => [module, "v1"])),
  };
  expect(databaseSystemOf(build)).toBe(system);
});

test("key=value lists", () => {
  expect([...keyValues("a=1, b = x%3Dy ,broken,c=%zz")]).toEqual([
    ["a", "1"],
    ["b", "x=y"],
    ["c", "%zz"],
  ]);
  expect([...keyValues(undefined)]).toEqual([]);
});
