import type { StoredLog } from "../../../../src/api/explore/wire.ts";

/** One key a record, the same in every answer that holds it: time, service and span, counted up where these repeat. */
export function logKeys(records: readonly StoredLog[]): readonly string[] {
  const seen = new Map<string, number>();
  return records.map((record) => {
    const base = `${record.timeUnixNano} ${record.service} ${record.spanId}`;
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    return `${base} ${count}`;
  });
}

/** "key=value" of the attributes, for the line of the record; as many as fit in `mostChars`. */
export function attributesLine(attributes: StoredLog["attributes"], mostChars: number): string {
  let line = "";
  for (const { key, value } of attributes) {
    const pair = `${key}=${value}`;
    if (line.length + pair.length > mostChars) return line === "" ? "" : `${line} …`;
    line += line === "" ? pair : ` ${pair}`;
  }
  return line;
}

/** The attributes of the keys chosen, in their order, of the record itself or else of its resource; those that it lacks are left out. */
export function chosenAttributes(record: StoredLog, keys: readonly string[]): StoredLog["attributes"] {
  return keys.flatMap((key) => {
    const ofKey = (one: { readonly key: string }): boolean => one.key === key;
    return record.attributes.find(ofKey) ?? record.resource.find(ofKey) ?? [];
  });
}

/** The text cut at the words (any case): odd entries are matches. Empty words match nothing. */
export function markWords(text: string, words: readonly string[]): readonly string[] {
  const wanted = words
    .filter((word) => word !== "")
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return wanted.length === 0 ? [text] : text.split(new RegExp(`(${wanted.join("|")})`, "i"));
}
