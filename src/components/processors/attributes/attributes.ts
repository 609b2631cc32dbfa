/**
 * Acts on the attributes of each selected item and passes the batch on. Only attributes that change are written again; the rest of the
 * message stays the bytes that arrived.
 */
import type { Consumer, Processor } from "../../../pipeline/component.ts";
import { compileActions } from "../../../pipeline/attributes/actions.ts";
import { compileSelection, matchLogs, matchMetrics, matchSpans } from "../../../pipeline/attributes/match.ts";
import { mutatingProcessor } from "../../../pipeline/processor.ts";
import type { Metric } from "../../../telemetry/tree/metrics.ts";
import type { Attributes } from "../../../telemetry/tree/attributes.ts";
import type { AttributesConfig } from "./config.ts";

export function createTracesAttributes(config: AttributesConfig, next: Consumer): Processor {
  const change = compileActions(config.actions);
  const selects = compileSelection(config.include, config.exclude, matchSpans);
  return mutatingProcessor(next, (batch) => {
    for (const { resource, scopeSpans } of batch.traces().resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        for (const span of spans) {
          if (selects === undefined || selects(span, scope, resource)) change(span.attributes, batch.context);
        }
      }
    }
  });
}

export function createLogsAttributes(config: AttributesConfig, next: Consumer): Processor {
  const change = compileActions(config.actions);
  const selects = compileSelection(config.include, config.exclude, matchLogs);
  return mutatingProcessor(next, (batch) => {
    for (const { resource, scopeLogs } of batch.logs().resourceLogs) {
      for (const { scope, logRecords } of scopeLogs) {
        for (const record of logRecords) {
          if (selects === undefined || selects(record, scope, resource))
            change(record.attributes, batch.context);
        }
      }
    }
  });
}

export function createMetricsAttributes(config: AttributesConfig, next: Consumer): Processor {
  const change = compileActions(config.actions);
  const selects = compileSelection(config.include, config.exclude, matchMetrics);
  return mutatingProcessor(next, (batch) => {
    for (const { resource, scopeMetrics } of batch.metrics().resourceMetrics) {
      for (const { scope, metrics } of scopeMetrics) {
        for (const metric of metrics) {
          if (selects !== undefined && !selects(metric, scope, resource)) continue;
          for (const attributes of pointAttributes(metric)) change(attributes, batch.context);
        }
      }
    }
  });
}

function* pointAttributes(metric: Metric): Generator<Attributes> {
  const holder =
    metric.gauge ?? metric.sum ?? metric.histogram ?? metric.exponentialHistogram ?? metric.summary;
  for (const point of holder?.dataPoints ?? []) yield point.attributes;
}
