import type { Batch } from "../../../telemetry/batch.ts";

/** When each item is stored to have been, Unix nanoseconds; records without any time, which get their arrival's, are left out. */
export function* timesOf(batch: Batch): Generator<bigint> {
  switch (batch.signal) {
    case "traces":
      for (const { scopeSpans } of batch.traces().resourceSpans)
        for (const { spans } of scopeSpans) for (const span of spans) yield span.startTimeUnixNano;
      return;
    case "logs":
      for (const { scopeLogs } of batch.logs().resourceLogs)
        for (const { logRecords } of scopeLogs)
          for (const record of logRecords) {
            const time = record.timeUnixNano || record.observedTimeUnixNano;
            if (time !== 0n) yield time;
          }
      return;
    case "metrics":
      for (const { scopeMetrics } of batch.metrics().resourceMetrics)
        for (const { metrics } of scopeMetrics)
          for (const { gauge, sum, histogram, exponentialHistogram, summary } of metrics) {
            const points = gauge ?? sum ?? histogram ?? exponentialHistogram ?? summary;
            if (points !== undefined) for (const point of points.dataPoints) yield point.timeUnixNano;
          }
  }
}
