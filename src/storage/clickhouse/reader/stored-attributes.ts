import type { AttributeType, StoredAttribute } from "../../attributes.ts";

const typeOfLetter: Readonly<Record<string, AttributeType>> = {
  s: "string",
  b: "bool",
  i: "int",
  d: "double",
  y: "bytes",
  a: "array",
  m: "map",
  n: "empty",
};

/** Keys and values of a map in its order, and the word of their types (schema/column-groups.ts); rows of other writers have no word: all strings. */
export function storedAttributes(
  keys: readonly string[],
  values: readonly string[],
  types: string,
): readonly StoredAttribute[] {
  return keys.map((key, index) => ({
    key,
    value: values[index] ?? "",
    type: attributeTypeOf(types[index] ?? "s"),
  }));
}

export function attributeTypeOf(letter: string): AttributeType {
  return typeOfLetter[letter] ?? "string";
}
