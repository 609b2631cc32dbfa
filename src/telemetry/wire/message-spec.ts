import type { FieldSpec, FieldType, MessageSpec } from "./field.ts";

type Part = Partial<Pick<FieldSpec, "repeated" | "presence" | "oneof" | "message" | "enumNames" | "idBytes">>;

/** A field as `messageSpec` takes it: [number, lowerCamelCase name, type, what differs from a plain field]. */
export type FieldRow = readonly [number: number, name: string, type: FieldType, part?: Part];

export const repeated: Part = { repeated: true };
export const optional: Part = { presence: true };
export const oneof: Part = { presence: true, oneof: true };

/** trace.proto: an id of another length than 16 (of a trace) or 8 (of a span) bytes is invalid. */
export const ofTrace: Part = { idBytes: 16 };
export const ofSpan: Part = { idBytes: 8 };

export function ofMessage(message: MessageSpec, part: Part = {}): Part {
  return { ...part, message };
}

/** Builds the table of one message; `fill` adds the rows that refer to the message itself (AnyValue is recursive). */
export function messageSpec(name: string, rows: (self: MessageSpec) => readonly FieldRow[]): MessageSpec {
  const fields: FieldSpec[] = [];
  const byNumber: (FieldSpec | undefined)[] = Array.from({ length: 17 }, () => undefined);
  const spec: MessageSpec = { name, fields, byNumber };
  rows(spec).forEach(([number, fieldName, type, part], slot) => {
    const field: FieldSpec = {
      number,
      name: fieldName,
      type,
      repeated: part?.repeated ?? false,
      presence: part?.presence ?? false,
      oneof: part?.oneof ?? false,
      message: part?.message,
      enumNames: part?.enumNames,
      idBytes: part?.idBytes ?? 0,
      slot,
    };
    fields.push(field);
    byNumber[number] = field;
  });
  return spec;
}
