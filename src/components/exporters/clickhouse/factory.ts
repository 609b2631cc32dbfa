import { defineFactory, type AnyFactory, type ExporterFactory } from "../../../pipeline/component.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { createClickHouseExporter } from "./clickhouse.ts";
import { checkClickHouse, clickHouseConfig, type ClickHouseConfig } from "./config.ts";
import type { WriterFor } from "./writers.ts";

type Entry = NonNullable<ExporterFactory<ClickHouseConfig>["signals"]["traces"]>;

/** Keeps telemetry in the embedded engine or a ClickHouse server. */
export function clickhouseExporterFactory(options: { readonly writerFor: WriterFor }): AnyFactory {
  const entry = (signal: Signal): Entry => ({
    stability: "beta",
    create: (settings, config) => createClickHouseExporter(settings, signal, config, options.writerFor),
  });
  return defineFactory<ClickHouseConfig>({
    kind: "exporter",
    type: "clickhouse",
    answersWhenSafe: true,
    summary: "Keeps traces, metrics and logs in ClickHouse: the embedded engine, or a server.",
    config: clickHouseConfig,
    check: checkClickHouse,
    signals: { traces: entry("traces"), metrics: entry("metrics"), logs: entry("logs") },
  });
}
