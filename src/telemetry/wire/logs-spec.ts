import { anyValueSpec, keyValueSpec, resourceSpec, scopeSpec } from "./common-spec.ts";
import { FieldType, type MessageSpec } from "./field.ts";
import { messageSpec, ofSpan, ofTrace, ofMessage, repeated } from "./message-spec.ts";

const { string, id, uint32, fixed32, fixed64, message } = FieldType;

const severities = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((name) =>
  ["", "2", "3", "4"].map((step) => `SEVERITY_NUMBER_${name}${step}`),
);

/** opentelemetry/proto/logs/v1/logs.proto (opentelemetry-proto 1.9). */
export const logRecordSpec: MessageSpec = messageSpec("LogRecord", () => [
  [1, "timeUnixNano", fixed64],
  [11, "observedTimeUnixNano", fixed64],
  [2, "severityNumber", FieldType.enum, { enumNames: ["SEVERITY_NUMBER_UNSPECIFIED", ...severities] }],
  [3, "severityText", string],
  [5, "body", message, ofMessage(anyValueSpec)],
  [6, "attributes", message, ofMessage(keyValueSpec, repeated)],
  [7, "droppedAttributesCount", uint32],
  [8, "flags", fixed32],
  [9, "traceId", id, ofTrace],
  [10, "spanId", id, ofSpan],
  [12, "eventName", string],
]);

export const scopeLogsSpec: MessageSpec = messageSpec("ScopeLogs", () => [
  [1, "scope", message, ofMessage(scopeSpec)],
  [2, "logRecords", message, ofMessage(logRecordSpec, repeated)],
  [3, "schemaUrl", string],
]);

export const resourceLogsSpec: MessageSpec = messageSpec("ResourceLogs", () => [
  [1, "resource", message, ofMessage(resourceSpec)],
  [2, "scopeLogs", message, ofMessage(scopeLogsSpec, repeated)],
  [3, "schemaUrl", string],
]);

export const logsSpec: MessageSpec = messageSpec("LogsData", () => [
  [1, "resourceLogs", message, ofMessage(resourceLogsSpec, repeated)],
]);
