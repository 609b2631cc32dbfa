import { expect, it } from "vitest";
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";
import { relatedMetrics } from "./related.ts";

function metric(name: string, attributeKeys: readonly string[] = []): MetricSummary {
  return {
    name,
    type: "gauge",
    unit: "",
    description: "",
    temporality: "unspecified",
    monotonic: false,
    seriesCount: 1,
    services: ["shop"],
    attributeKeys: [...attributeKeys, "service.name"],
    lastSeenMs: 0,
  };
}

const metrics = [
  metric("http.server.request.duration", ["http.route", "http.request.method"]),
  metric("http.server.active_requests", ["http.request.method"]),
  metric("http.server.request.body.size", ["http.route", "http.request.method"]),
  metric("http.client.request.duration", ["server.address"]),
  metric("orders_total", ["http.route", "http.request.method"]),
  metric("nodejs.eventloop.delay"),
  metric("nodejs.eventloop.utilization"),
];

it.each([
  [
    "http.server.request.duration",
    10,
    [
      "http.server.request.body.size",
      "http.server.active_requests",
      "http.client.request.duration",
      "orders_total",
    ],
  ],
  ["http.server.request.duration", 1, ["http.server.request.body.size"]],
  ["nodejs.eventloop.delay", 10, ["nodejs.eventloop.utilization"]],
  [
    "orders_total",
    10,
    ["http.server.request.body.size", "http.server.request.duration", "http.server.active_requests"],
  ],
])("of %s, at most %d", (name, most, related) => {
  const given = metrics.find((one) => one.name === name)!;
  expect(relatedMetrics(given, metrics, most).map((one) => one.name)).toEqual(related);
});
