import { expect, it } from "vitest";
import type { GraphEdge, ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { mapOf, namespacesOf } from "./model.ts";

const service = (name: string, namespace: string, count = 10): ServiceSummary => ({
  name,
  namespace,
  version: "",
  language: "",
  distro: "",
  releases: [],
  instances: 1,
  spanCount: count,
  logCount: 0,
  lastSeenMs: 0,
  count,
  errorCount: 1,
  p50Nano: 1,
  p95Nano: count,
  p99Nano: 1,
  countSeries: [],
  errorSeries: [],
});
const edge = (client: string, server: string, p95Nano = 1): GraphEdge => ({
  client,
  server,
  serverKind: "service",
  count: 5,
  errorCount: 1,
  p50Nano: 1,
  p95Nano,
});
const services = [
  service("web", "shop"),
  service("cart", "shop", 30),
  service("ledger", "money"),
  service("cron", ""),
];
const edges = [
  edge("web", "cart"),
  edge("cart", "ledger", 7),
  edge("web", "ledger", 9),
  edge("cron", "redis"),
];

it("names the namespaces, and those without", () => {
  expect(namespacesOf(services)).toEqual(["money", "shop", "without namespace"]);
});

it("shows a namespace with what it talks to", () => {
  const shown = mapOf(services, edges, { namespace: "money", group: "service" });
  expect(shown.services.map(({ name }) => name)).toEqual(["web", "cart", "ledger"]);
  expect(shown.edges.map(({ client, server }) => `${client} ${server}`)).toEqual([
    "cart ledger",
    "web ledger",
  ]);
});

it("joins a namespace to one node and its calls to one edge", () => {
  const shown = mapOf(services, edges, { namespace: "", group: "namespace" });
  expect(shown.services.map(({ name, count, p95Nano }) => [name, count, p95Nano])).toEqual([
    ["shop", 40, 30],
    ["money", 10, 10],
    ["without namespace", 10, 10],
  ]);
  expect(shown.edges.map(({ client, server, count, p95Nano }) => [client, server, count, p95Nano])).toEqual([
    ["shop", "money", 10, 9],
    ["without namespace", "redis", 5, 1],
  ]);
});
