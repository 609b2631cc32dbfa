import type { LogRecord, LogsData } from "../../../telemetry/tree/logs.ts";
import { printId, printTime, printValue, TextWriter } from "./text-writer.ts";

const severityNames = ["Trace", "Debug", "Info", "Warn", "Error", "Fatal"];

/** Every detail of every log record, in the Collector's wording. */
export function printLogs(logs: LogsData): string {
  const writer = new TextWriter();
  for (const [number, resourceLogs] of [...logs.resourceLogs].entries()) {
    writer.line(`ResourceLog #${number}`);
    writer.line(`Resource SchemaURL: ${resourceLogs.schemaUrl}`);
    writer.resource(resourceLogs.resource);
    for (const [scopeNumber, scopeLogs] of [...resourceLogs.scopeLogs].entries()) {
      writer.line(`ScopeLogs #${scopeNumber}`);
      writer.line(`ScopeLogs SchemaURL: ${scopeLogs.schemaUrl}`);
      writer.scope(scopeLogs.scope);
      for (const [at, record] of [...scopeLogs.logRecords].entries()) printRecord(writer, record, at);
    }
  }
  return writer.toString();
}

function printRecord(writer: TextWriter, record: LogRecord, number: number): void {
  writer.line(`LogRecord #${number}`);
  writer.line(`ObservedTimestamp: ${printTime(record.observedTimeUnixNano)}`);
  writer.line(`Timestamp: ${printTime(record.timeUnixNano)}`);
  writer.line(`SeverityText: ${record.severityText}`);
  writer.line(`SeverityNumber: ${severityName(record.severityNumber)}(${record.severityNumber})`);
  if (record.eventName !== "") writer.line(`EventName: ${record.eventName}`);
  writer.line(`Body: ${printValue(record.body)}`);
  writer.attributes("Attributes", record.attributes);
  writer.line(`Trace ID: ${printId(record.traceId)}`);
  writer.line(`Span ID: ${printId(record.spanId)}`);
  writer.line(`Flags: ${record.flags}`);
}

/** plog.SeverityNumber.String: "Info" for 9, "Info2" for 10, "Unspecified" for 0, '' beyond. */
function severityName(number: number): string {
  if (number === 0) return "Unspecified";
  const name = severityNames[Math.floor((number - 1) / 4)];
  const step = (number - 1) % 4;
  return name === undefined ? "" : `${name}${step === 0 ? "" : step + 1}`;
}
