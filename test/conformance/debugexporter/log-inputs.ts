/** The logs behind the Collector's expected debug output, rebuilt from what that output says (core pdata/testdata). */
import { Attributes, type AnyValue } from "../../../src/telemetry/tree/attributes.ts";
import { LogRecord, LogsData, ResourceLogs, ScopeLogs } from "../../../src/telemetry/tree/logs.ts";
import { addEntities, entityAttributes, fill, hex, resourceAttributes, time } from "./shared-inputs.ts";

interface LogSpec {
  readonly body: AnyValue;
  readonly severityText: string;
  readonly attributes: Readonly<Record<string, AnyValue>>;
  readonly ids?: boolean;
  readonly eventName?: string;
}

function logs(
  records: readonly LogSpec[],
  resource: Readonly<Record<string, AnyValue>>,
  entities = false,
): LogsData {
  const data = new LogsData();
  const resourceLogs = new ResourceLogs();
  fill(resourceLogs.resource.attributes, resource);
  const scopeLogs = new ScopeLogs();
  if (entities) {
    addEntities(resourceLogs.resource.entityRefs);
    scopeLogs.scope.name = "test-scope";
  }
  for (const spec of records) {
    const record = new LogRecord();
    record.timeUnixNano = time;
    record.severityNumber = 9;
    record.severityText = spec.severityText;
    record.body = spec.body;
    fill(record.attributes, spec.attributes);
    if (spec.ids === true) {
      record.traceId = hex("08040201000000000000000000000000");
      record.spanId = hex("0102040800000000");
    }
    if (spec.eventName !== undefined) record.eventName = spec.eventName;
    scopeLogs.logRecords.push(record);
  }
  resourceLogs.scopeLogs.push(scopeLogs);
  data.resourceLogs.push(resourceLogs);
  return data;
}

const firstRecord: LogSpec = {
  body: "This is a log message",
  severityText: "Info",
  attributes: { app: "server", instance_num: 1n },
  ids: true,
};
const kv = (entries: Readonly<Record<string, AnyValue>>): Attributes =>
  Attributes.of(Object.entries(entries));

export const logInputs: Readonly<Record<string, LogsData>> = {
  empty: new LogsData(),
  one_record: logs([firstRecord], resourceAttributes),
  two_records: logs(
    [
      firstRecord,
      { body: "something happened", severityText: "Info", attributes: { customer: "acme", env: "dev" } },
    ],
    resourceAttributes,
  ),
  log_with_event_name: logs([{ ...firstRecord, eventName: "event_name" }], {}),
  embedded_maps: logs(
    [
      {
        body: kv({ key1: "val1", key2: kv({ key21: "val21", key22: "val22" }) }),
        severityText: "INFO",
        attributes: {
          key1: kv({ key11: "val11", key12: "val12", key13: kv({ key131: "val131" }) }),
          key2: "val2",
        },
      },
    ],
    {},
  ),
  logs_with_entity_refs: logs(
    [
      {
        body: "This is a test log message",
        severityText: "Info",
        attributes: { "test.attribute": "test-value" },
      },
    ],
    entityAttributes,
    true,
  ),
};
