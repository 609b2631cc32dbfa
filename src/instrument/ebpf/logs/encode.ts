import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { LogRecord, LogsData, ResourceLogs, ScopeLogs } from "../../../telemetry/tree/logs.ts";
import type { EncodeOptions } from "../spans/encode.ts";
import { goScope } from "../spans/encode.ts";
import type { AttributeValue } from "../spans/span.ts";
import type { LogLine } from "./log-line.ts";
import { parseLine, type LogValue } from "./parse.ts";

/** Lines of one process. */
interface ProcessLines {
  /** Resource attributes. */
  readonly resource: ReadonlyMap<string, AttributeValue>;
  readonly items: readonly LogLine[];
}

/** An ExportLogsServiceRequest (opentelemetry-proto 1.9). */
export function encodeLines(processes: readonly ProcessLines[], options: EncodeOptions): Uint8Array {
  const tree = new LogsData();
  for (const { resource, items } of processes) {
    const group = tree.resourceLogs.push(new ResourceLogs());
    for (const [key, value] of resource) group.resource.attributes.set(key, anyValue(value));
    const scope = group.scopeLogs.push(new ScopeLogs());
    scope.scope.name = options.scope ?? goScope;
    scope.scope.version = options.version;
    for (const line of items) fill(scope.logRecords.push(new LogRecord()), line, options.epochNs);
  }
  return Batch.fromTree("logs", tree, internalContext).bytes;
}

function fill(record: LogRecord, line: LogLine, epochNs: bigint): void {
  const { message, severity, severityText, attributes } = parseLine(line.text);
  record.timeUnixNano = record.observedTimeUnixNano = line.timeNs + epochNs;
  record.severityNumber = severity;
  record.severityText = severityText;
  record.body = line.cut ? `${message}...` : message;
  for (const [key, value] of attributes) record.attributes.set(key, anyValue(value));
  record.attributes.set("log.iostream", line.stream);
  record.flags = line.sampled ? 1 : 0;
  record.traceId = line.traceId;
  record.spanId = line.spanId;
}

function anyValue(value: LogValue): string | boolean | number | bigint {
  return Number.isSafeInteger(value) ? BigInt(value) : value;
}
