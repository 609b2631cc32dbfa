import { describe, expect, test } from "vitest";
import { readRecord, recordBytes, type RpcRecord } from "./record.ts";
import { spanOf } from "./span.ts";

/** The record as bpf/span.h lays it out. */
function record(
  kind: number,
  fields: { status?: number; method?: string; target?: string; failed?: boolean },
): RpcRecord {
  const bytes = Buffer.alloc(recordBytes.rpc);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(fields.status ?? 0, 56);
  bytes[60] = fields.failed === true ? 1 : 0;
  const method = fields.method ?? "/shop.Cart/Add";
  bytes.writeUInt16LE(method.length, 64);
  bytes.write(method, 80);
  bytes.writeUInt16LE(fields.target?.length ?? 0, 66);
  bytes.write(fields.target ?? "", 272);
  return readRecord(bytes) as RpcRecord;
}
const [server, client] = [4, 5];

describe.each([
  ["server", server],
  ["client", client],
])("a %s", (_, kind) => {
  test.each([
    [1, "OK", false, false],
    [6, "NOT_FOUND", false, true],
    [17, "UNAUTHENTICATED", false, true],
    [5, "DEADLINE_EXCEEDED", true, true],
    [3, "UNKNOWN", true, true],
    [16, "DATA_LOSS", true, true],
  ])("status %i is %s", (status, name, serverFails, clientFails) => {
    const span = spanOf(record(kind, { status }), "");
    const fails = kind === server ? serverFails : clientFails;
    expect([span.name, span.kind, span.failed]).toEqual(["shop.Cart/Add", kind === server ? 2 : 3, fails]);
    expect(Object.fromEntries(span.attributes)).toEqual({
      "rpc.system.name": "grpc",
      "rpc.method": "shop.Cart/Add",
      "rpc.status_code": name,
      ...(fails ? { "error.type": name } : {}),
    });
  });
});

test("a method that a server may not have makes no series of its own", () => {
  const asked = { status: 13, method: "/any.Thing/At" };
  expect(Object.fromEntries(spanOf(record(server, asked), "").attributes)).toMatchObject({
    "rpc.method": "_OTHER",
    "rpc.method_original": "any.Thing/At",
  });
  expect(spanOf(record(server, asked), "").name).toBe("grpc");
  expect(spanOf(record(client, asked), "").name).toBe("any.Thing/At");
});

test("a call that broke off has no status, and failed", () => {
  const span = spanOf(record(server, { failed: true }), "");
  expect([span.failed, span.attributes.get("error.type"), span.attributes.has("rpc.status_code")]).toEqual([
    true,
    "_OTHER",
    false,
  ]);
});

test.each([
  ["shop:50051", "shop", 50051],
  ["shop", "shop", undefined],
  ["dns:///shop.example:443", "shop.example", 443],
  ["dns:shop:443", "shop", 443],
  ["dns://1.2.3.4/grpc.io:50051", "grpc.io", 50051],
  ["passthrough:///[::1]:443", "::1", 443],
  ["unix:///run/shop.sock", "/run/shop.sock", undefined],
  ["unix:shop.sock", "shop.sock", undefined],
  ["zk://zookeeper:2181/shop", "zk://zookeeper:2181/shop", undefined],
  ["ipv4:198.51.100.1:50051,198.51.100.2:50051", "ipv4:198.51.100.1:50051,198.51.100.2:50051", undefined],
])("target %s", (target, address, port) => {
  const { attributes } = spanOf(record(client, { status: 1, target }), "");
  expect([attributes.get("server.address"), attributes.get("server.port")]).toEqual([address, port]);
});
