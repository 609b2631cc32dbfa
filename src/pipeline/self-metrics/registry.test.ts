import { describe, expect, it } from "vitest";
import { printPrometheusText } from "./prometheus-text.ts";
import { createMetricRegistry } from "./registry.ts";

describe("metric registry", () => {
  it("gives the same counter for the same name and labels, in any order", () => {
    const metrics = createMetricRegistry();
    metrics.counter("c", { a: "1", b: "2" }, "doc").add(2);
    metrics.counter("c", { b: "2", a: "1" }, "doc").add(3);
    expect(metrics.read("c", { a: "1", b: "2" })).toBe(5);
    expect(metrics.read("c", { a: "1" })).toBeUndefined();
  });

  it("prints Prometheus text as the Collector's built-in reader", () => {
    const metrics = createMetricRegistry();
    metrics.counter("otelcol_exporter_sent_spans", { exporter: 'a"b\\' }, "Sent.", "{spans}").add(7);
    metrics.gauge("otelcol_process_uptime", {}, "Uptime.", () => 1.5, "s");
    const sizes = metrics.histogram("h", {}, "Sizes.", [1, 10], "By");
    for (const value of [1, 5, 100]) sizes.record(value);
    expect(printPrometheusText(metrics.collect())).toBe(`# HELP otelcol_exporter_sent_spans Sent.
# TYPE otelcol_exporter_sent_spans counter
otelcol_exporter_sent_spans{exporter="a\\"b\\\\"} 7
# HELP otelcol_process_uptime Uptime.
# TYPE otelcol_process_uptime gauge
otelcol_process_uptime 1.5
# HELP h Sizes.
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="10"} 2
h_bucket{le="+Inf"} 3
h_sum 106
h_count 3
`);
    const suffixed = printPrometheusText(metrics.collect(), { suffixes: true });
    for (const name of [
      "otelcol_exporter_sent_spans_total{",
      "otelcol_process_uptime_seconds 1.5",
      "h_bytes_sum 106",
    ]) {
      expect(suffixed).toContain(name);
    }
  });

  it("forgets gauges of a stopped configuration, and keeps counting", () => {
    const metrics = createMetricRegistry();
    metrics.gauge("g", {}, "doc", () => 1);
    metrics.counter("c", {}, "doc").add(1);
    metrics.dropGauges();
    expect([metrics.read("g"), metrics.read("c")]).toEqual([undefined, 1]);
  });
});
