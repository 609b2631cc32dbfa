/** Prints what passes, for people: a summary line a batch and, by verbosity, each item in a line or in full. */
import { appendFile } from "node:fs/promises";
import process from "node:process";
import type { ComponentSettings, Exporter, LogFields } from "../../../pipeline/component.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import type { DebugConfig } from "./config.ts";
import { printLogs } from "./detailed-logs.ts";
import { printMetrics } from "./detailed-metrics.ts";
import { printTraces } from "./detailed-traces.ts";
import { printLogLines, printMetricLines, printTraceLines } from "./normal.ts";
import { createSampler } from "./sampler.ts";

export function createDebug(settings: ComponentSettings, config: DebugConfig): Exporter {
  const shows = createSampler(config.sampling_initial, config.sampling_thereafter, settings.clock);
  const write = outputOf(settings, config);
  return {
    mutatesBatch: false,
    start: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    consume: async (batch) => {
      const { title, fields } = summarize(batch);
      if (shows(title)) await write(title, fields);
      if (config.verbosity === "basic" || !shows(`${title} in full`)) return;
      await write(config.verbosity === "normal" ? printNormal(batch) : printDetailed(batch));
    },
  };
}

type Write = (text: string, fields?: LogFields) => Promise<void>;

function outputOf(settings: ComponentSettings, config: DebugConfig): Write {
  if (config.use_internal_logger) {
    return (text, fields) => {
      settings.log.info(text, fields);
      return Promise.resolve();
    };
  }
  const paths = config.output_paths.length === 0 ? ["stdout"] : config.output_paths;
  return async (text, fields) => {
    const line = `${text}${fields === undefined ? "" : `\t${JSON.stringify(fields)}`}`;
    const ended = line.endsWith("\n") ? line : `${line}\n`;
    for (const path of paths) {
      if (path === "stdout" || path === "stderr") process[path].write(ended);
      else await appendFile(path, ended);
    }
  };
}

/** The first line of the Collector's debug exporter: counts of the batch. */
function summarize(batch: Batch): { readonly title: string; readonly fields: LogFields } {
  switch (batch.signal) {
    case "traces":
      return {
        title: "Traces",
        fields: { "resource spans": batch.traces().resourceSpans.length, spans: batch.itemCount },
      };
    case "metrics": {
      const { resourceMetrics } = batch.metrics();
      let metrics = 0;
      for (const { scopeMetrics } of resourceMetrics)
        for (const scope of scopeMetrics) metrics += scope.metrics.length;
      return {
        title: "Metrics",
        fields: { "resource metrics": resourceMetrics.length, metrics, "data points": batch.itemCount },
      };
    }
    case "logs":
      return {
        title: "Logs",
        fields: { "resource logs": batch.logs().resourceLogs.length, "log records": batch.itemCount },
      };
  }
}

function printNormal(batch: Batch): string {
  switch (batch.signal) {
    case "traces":
      return printTraceLines(batch.traces());
    case "metrics":
      return printMetricLines(batch.metrics());
    case "logs":
      return printLogLines(batch.logs());
  }
}

function printDetailed(batch: Batch): string {
  switch (batch.signal) {
    case "traces":
      return printTraces(batch.traces());
    case "metrics":
      return printMetrics(batch.metrics());
    case "logs":
      return printLogs(batch.logs());
  }
}
