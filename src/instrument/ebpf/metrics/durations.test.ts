import { expect, test } from "vitest";
import type { HttpRecord, SqlRecord } from "../spans/record.ts";
import { spanOf } from "../spans/span.ts";
import { Durations } from "./durations.ts";

const head = {
  process: 7,
  startNs: 0n,
  traceId: new Uint8Array(16),
  spanId: new Uint8Array(8),
  parentId: undefined,
  failed: false,
  sampled: false,
};

function request(milliseconds: number, changes: Partial<HttpRecord> = {}): HttpRecord {
  return {
    ...head,
    kind: "http-server",
    endNs: BigInt(milliseconds * 1e6),
    status: 200,
    secure: false,
    method: "GET",
    path: `/orders/${milliseconds}`,
    query: "",
    pattern: "GET /orders/{key}",
    host: "shop:80",
    peer: "[::1]:5",
    protocol: "1.1",
    ...changes,
  };
}

function collected(durations: Durations): readonly unknown[] {
  return [...durations.collect()].map(([{ name }, series]) => [
    name,
    ...[...series].map(({ attributes, count, sumSeconds }) => ({
      ...Object.fromEntries(attributes),
      count,
      sum: Number(sumSeconds.toFixed(6)),
    })),
  ]);
}

test.each([
  [5, 0],
  [5.001, 1],
  [10_000, 13],
  [10_000.1, 14],
  // Clocks of two processors may differ.
  [-1, 0],
])("%d ms are counted in bucket %d: a bound belongs to the one below it", (milliseconds, bucket) => {
  const durations = new Durations();
  durations.record(spanOf(request(milliseconds), ""));
  const [, series] = [...durations.collect()][0]!;
  const { counts } = [...series][0]!;
  expect(counts).toHaveLength(15);
  expect(counts.findIndex((count) => count === 1)).toBe(bucket);
});

test("one series for each set of attributes; paths, queries and callers make none", () => {
  const durations = new Durations();
  const statement: SqlRecord = { ...head, kind: "sql", endNs: 2_000_000n, text: "SELECT 1", cut: false };
  for (const record of [
    request(1),
    request(2, { peer: "[::1]:6", query: "a=1" }),
    request(4, { status: 503 }),
    request(8, { kind: "http-client", host: "stock:81" }),
    statement,
  ]) {
    durations.record(spanOf(record, "postgresql"));
  }
  const common = { "http.request.method": "GET", "network.protocol.version": "1.1" };
  const served = { ...common, "http.route": "/orders/{key}", "url.scheme": "http" };
  const ok = { "http.response.status_code": 200 };
  expect(collected(durations)).toEqual([
    [
      "http.server.request.duration",
      { ...served, ...ok, count: 2, sum: 0.003 },
      { ...served, "http.response.status_code": 503, "error.type": "503", count: 1, sum: 0.004 },
    ],
    [
      "http.client.request.duration",
      { ...common, ...ok, "server.address": "stock", "server.port": 81, count: 1, sum: 0.008 },
    ],
    [
      "db.client.operation.duration",
      {
        "db.system.name": "postgresql",
        "db.operation.name": "SELECT",
        "db.query.summary": "SELECT",
        count: 1,
        sum: 0.002,
      },
    ],
  ]);
});

test("series are bounded: what comes beyond is counted in one", () => {
  const durations = new Durations();
  for (let index = 0; index < 2010; index++)
    durations.record(spanOf(request(1, { kind: "http-client", host: `host-${index}:80` }), ""));
  const [, series] = [...durations.collect()][0]!;
  const all = [...series];
  expect(all).toHaveLength(2001);
  expect(all.at(-1)).toMatchObject({ count: 10, attributes: new Map([["otel.metric.overflow", "true"]]) });
});
