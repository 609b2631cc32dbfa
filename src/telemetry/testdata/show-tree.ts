import { anyValueSpec, keyValueSpec } from "../wire/common-spec.ts";
import type { FieldSpec } from "../wire/field.ts";
import { Attributes, type AnyValue } from "../tree/attributes.ts";
import type { Message } from "../tree/message.ts";
import type { MessageList } from "../tree/message-list.ts";

/** Reads every property of a message at every depth into plain values, in the form of `plainToTree`. */
export function showTree(message: Message): unknown {
  const shown: Record<string, unknown> = {};
  for (const field of message.spec.fields) {
    shown[field.name] = showField(field, (message as unknown as Record<string, unknown>)[field.name]);
  }
  return shown;
}

function showField(field: FieldSpec, value: unknown): unknown {
  if (value === undefined || field.message === undefined) return copyBytes(value);
  if (field.message === keyValueSpec) return showAttributes(value as Attributes);
  if (field.message === anyValueSpec) return showValue(value as AnyValue);
  if (field.repeated) return Array.from(value as MessageList<Message>, showTree);
  return showTree(value as Message);
}

function showAttributes(attributes: Attributes): unknown {
  return Array.from(attributes.entries(), ([key, value]) => [key, showValue(value)]);
}

export function showValue(value: AnyValue): unknown {
  if (value instanceof Attributes) return showAttributes(value);
  return Array.isArray(value) ? (value as readonly AnyValue[]).map(showValue) : copyBytes(value);
}

/** A plain Uint8Array for comparing: a Buffer is another type. */
function copyBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? Uint8Array.from(value) : value;
}
