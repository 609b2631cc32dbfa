import type { FieldSpec, MessageSpec } from "../wire/field.ts";
import type { JsonCursor } from "./json-cursor.ts";

interface Name {
  readonly bytes: Uint8Array;
  readonly field: FieldSpec;
}

const buckets = 64;

/** Finds fields by the name in a cursor's last string, lowerCamelCase or as in the .proto file, without making a string. */
export class FieldNames {
  private readonly byHash: Name[][] = Array.from({ length: buckets }, () => []);
  private readonly byText = new Map<string, FieldSpec>();

  constructor(spec: MessageSpec) {
    for (const field of spec.fields) {
      const snake = field.name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      for (const text of new Set([field.name, snake])) {
        this.byText.set(text, field);
        const bytes = new TextEncoder().encode(text);
        this.byHash[hash(bytes, 0, bytes.length)]?.push({ bytes, field });
      }
    }
  }

  find(cursor: JsonCursor): FieldSpec | undefined {
    if (cursor.escaped) return this.byText.get(cursor.text());
    const { bytes, stringStart, stringEnd } = cursor;
    if (stringStart === stringEnd) return undefined;
    for (const name of this.byHash[hash(bytes, stringStart, stringEnd)]!) {
      if (cursor.stringIs(name.bytes)) return name.field;
    }
    return undefined;
  }
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  return ((end - start) * 5 + bytes[start]! + bytes[end - 1]! * 3) % buckets;
}

const known = new Map<MessageSpec, FieldNames>();

export function fieldNames(spec: MessageSpec): FieldNames {
  const found = known.get(spec);
  if (found !== undefined) return found;
  const made = new FieldNames(spec);
  known.set(spec, made);
  return made;
}
