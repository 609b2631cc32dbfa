import { FieldType, type MessageSpec } from "./field.ts";
import { messageSpec, ofMessage, oneof, repeated } from "./message-spec.ts";

const { string, bytes, bool, int64, double, uint32, message } = FieldType;

/** opentelemetry/proto/common/v1/common.proto and resource/v1/resource.proto (opentelemetry-proto 1.9). */
export const anyValueSpec: MessageSpec = messageSpec("AnyValue", (self) => {
  const keyValue = messageSpec("KeyValue", () => [
    [1, "key", string],
    [2, "value", message, ofMessage(self)],
  ]);
  const arrayValue = messageSpec("ArrayValue", () => [[1, "values", message, ofMessage(self, repeated)]]);
  const keyValueList = messageSpec("KeyValueList", () => [
    [1, "values", message, ofMessage(keyValue, repeated)],
  ]);
  return [
    [1, "stringValue", string, oneof],
    [2, "boolValue", bool, oneof],
    [3, "intValue", int64, oneof],
    [4, "doubleValue", double, oneof],
    [5, "arrayValue", message, ofMessage(arrayValue, oneof)],
    [6, "kvlistValue", message, ofMessage(keyValueList, oneof)],
    [7, "bytesValue", bytes, oneof],
  ];
});

function nested(spec: MessageSpec, number: number): MessageSpec {
  const found = spec.byNumber[number]?.message;
  if (found === undefined) throw new Error(`${spec.name} has no message in field ${number}`);
  return found;
}

export const arrayValueSpec: MessageSpec = nested(anyValueSpec, 5);
export const keyValueListSpec: MessageSpec = nested(anyValueSpec, 6);
export const keyValueSpec: MessageSpec = nested(keyValueListSpec, 1);

export const entityRefSpec: MessageSpec = messageSpec("EntityRef", () => [
  [1, "schemaUrl", string],
  [2, "type", string],
  [3, "idKeys", string, repeated],
  [4, "descriptionKeys", string, repeated],
]);

export const resourceSpec: MessageSpec = messageSpec("Resource", () => [
  [1, "attributes", message, ofMessage(keyValueSpec, repeated)],
  [2, "droppedAttributesCount", uint32],
  [3, "entityRefs", message, ofMessage(entityRefSpec, repeated)],
]);

export const scopeSpec: MessageSpec = messageSpec("InstrumentationScope", () => [
  [1, "name", string],
  [2, "version", string],
  [3, "attributes", message, ofMessage(keyValueSpec, repeated)],
  [4, "droppedAttributesCount", uint32],
]);
