import { expect, test } from "vitest";
import { Batch, internalContext } from "../../telemetry/batch.ts";
import { bytesToOtlpJson } from "../../telemetry/json/print.ts";
import { metricsToOtlp } from "./otlp-metrics.ts";
import { createMetricRegistry } from "./registry.ts";

test("own metrics as OTLP: kinds, units, labels and times", () => {
  const metrics = createMetricRegistry();
  metrics.counter("sent", { exporter: "a" }, "Sent.", "{span}").add(3);
  metrics.counter("sent", { exporter: "b" }, "Sent.", "{span}").add(0.5);
  metrics.observedCounter("uptime", {}, "Up.", () => 7, "s");
  metrics.gauge("size", {}, "Size.", () => -2, "By");
  const sizes = metrics.histogram("sizes", {}, "Sizes.", [1, 10]);
  for (const value of [1, 5, 50]) sizes.record(value);
  const tree = metricsToOtlp(metrics.collect(), {
    resource: { "service.name": "otelier" },
    scopeName: "otelier",
    scopeVersion: "1",
    startMs: 1000,
    nowMs: 2000,
  });
  const { bytes } = Batch.fromTree("metrics", tree, internalContext);
  const times = { startTimeUnixNano: "1000000000", timeUnixNano: "2000000000" };
  const label = (stringValue: string) => ({ attributes: [{ key: "exporter", value: { stringValue } }] });
  expect(JSON.parse(bytesToOtlpJson("metrics", bytes))).toEqual({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "otelier" } }] },
        scopeMetrics: [
          {
            scope: { name: "otelier", version: "1" },
            metrics: [
              {
                name: "sent",
                description: "Sent.",
                unit: "{span}",
                sum: {
                  dataPoints: [
                    { ...label("a"), ...times, asInt: "3" },
                    { ...label("b"), ...times, asDouble: 0.5 },
                  ],
                  aggregationTemporality: 2,
                  isMonotonic: true,
                },
              },
              {
                name: "uptime",
                description: "Up.",
                unit: "s",
                sum: {
                  dataPoints: [{ ...times, asInt: "7" }],
                  aggregationTemporality: 2,
                  isMonotonic: true,
                },
              },
              {
                name: "size",
                description: "Size.",
                unit: "By",
                gauge: { dataPoints: [{ ...times, asInt: "-2" }] },
              },
              {
                name: "sizes",
                description: "Sizes.",
                histogram: {
                  dataPoints: [
                    { ...times, count: "3", sum: 56, bucketCounts: ["1", "1", "1"], explicitBounds: [1, 10] },
                  ],
                  aggregationTemporality: 2,
                },
              },
            ],
          },
        ],
      },
    ],
  });
});
