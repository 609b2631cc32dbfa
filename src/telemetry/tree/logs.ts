import { logRecordSpec, logsSpec, resourceLogsSpec, scopeLogsSpec } from "../wire/logs-spec.ts";
import type { AnyValue, Attributes } from "./attributes.ts";
import { InstrumentationScope, Resource } from "./common.ts";
import { defineFields } from "./fields.ts";
import { Message } from "./message.ts";
import type { MessageList } from "./message-list.ts";

export class LogRecord extends Message {
  declare timeUnixNano: bigint;
  declare observedTimeUnixNano: bigint;
  /** 1 to 24, 0 unspecified. */
  declare severityNumber: number;
  declare severityText: string;
  /** A kvlist body can be changed in place; null when there is none. */
  declare body: AnyValue;
  declare readonly attributes: Attributes;
  declare droppedAttributesCount: number;
  declare flags: number;
  /** 16 bytes or empty; received bytes are shared and must not be written to. */
  declare traceId: Uint8Array;
  /** 8 bytes or empty. */
  declare spanId: Uint8Array;
  declare eventName: string;
}
defineFields(LogRecord, logRecordSpec);

export class ScopeLogs extends Message {
  declare scope: InstrumentationScope;
  declare readonly logRecords: MessageList<LogRecord>;
  declare schemaUrl: string;
}
defineFields(ScopeLogs, scopeLogsSpec, { scope: InstrumentationScope, logRecords: LogRecord });

export class ResourceLogs extends Message {
  declare resource: Resource;
  declare readonly scopeLogs: MessageList<ScopeLogs>;
  declare schemaUrl: string;
}
defineFields(ResourceLogs, resourceLogsSpec, { resource: Resource, scopeLogs: ScopeLogs });

/** The root of a batch of logs. */
export class LogsData extends Message {
  declare readonly resourceLogs: MessageList<ResourceLogs>;
}
defineFields(LogsData, logsSpec, { resourceLogs: ResourceLogs });
