import type { StoredLog } from "../../../../src/api/explore/wire.ts";

/** When lines in a row are one: never; the same text; the same but for numbers; the same punctuation. */
export type Repeats = "all" | "exact" | "numbers" | "signature";

export interface RepeatedLog {
  /** The first of the row. */
  readonly record: StoredLog;
  /** How many lines in a row it stands for, itself included. */
  readonly count: number;
}

const likeness: Readonly<Record<Exclude<Repeats, "all">, (body: string) => string>> = {
  exact: (body) => body,
  // A time or an id is a number too, hexadecimal ones included; words that merely look it ("added") have no digit.
  numbers: (body) => body.replaceAll(/\b(?=[\da-f]*\d)[\da-f]+\b/gi, "#").replaceAll(/\d+/g, "#"),
  signature: (body) => body.replaceAll(/[\p{L}\p{N}_]+/gu, ""),
};

/** Lines in a row of one service and severity whose bodies are alike become one, in the order given. */
export function foldRepeats(records: readonly StoredLog[], repeats: Repeats): readonly RepeatedLog[] {
  if (repeats === "all") return records.map((record) => ({ record, count: 1 }));
  const folded: { record: StoredLog; count: number }[] = [];
  let before = "";
  for (const record of records) {
    const body = record.body === "" ? record.eventName : record.body;
    const key = `${record.service}\n${record.severityNumber}\n${likeness[repeats](body)}`;
    const last = folded.at(-1);
    if (last !== undefined && key === before) last.count++;
    else folded.push({ record, count: 1 });
    before = key;
  }
  return folded;
}
