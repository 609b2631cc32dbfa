/** Stored attributes back to OTLP: text and letter of each value, and the bytes of those that text cannot give back (schema/column-groups.ts). */
import type { AnyValue, Attributes } from "../../../telemetry/tree/attributes.ts";
import { decodeValue } from "../writer/transcode/attribute-writer.ts";

/** RawAttributes of one row; values are one character a byte. */
export type RawValues = ReadonlyMap<string, string>;

export function fillAttributes(
  target: Attributes,
  pairs: readonly (readonly [string, string])[],
  types: string,
  raw: RawValues,
  owner: string,
): void {
  pairs.forEach(([key, text], index) => {
    target.set(key, valueOf(text, types[index] ?? "s", raw.get(`${owner}:${key}`)));
  });
}

/** Rows of other writers have no letters and no bytes: what is not known to be something else is a string. */
export function valueOf(text: string, letter: string, raw: string | undefined): AnyValue {
  switch (letter) {
    case "b":
      return text === "true";
    case "i":
      return /^-?\d+$/.test(text) ? BigInt(text) : text;
    case "d":
      return doubleOf(text);
    case "n":
      return null;
    case "y":
    case "a":
    case "m":
      return raw === undefined ? text : decodeValue(new Uint8Array(Buffer.from(raw, "latin1")));
    default:
      return text;
  }
}

/** The counterpart of `doubleToString`. */
function doubleOf(text: string): number {
  if (text.endsWith("NaN")) return NaN;
  if (text.endsWith("Inf")) return text.endsWith("-Inf") ? -Infinity : Infinity;
  return Number(text);
}
