import { Attributes, type AnyValue } from "../tree/attributes.ts";

/**
 * An attribute value as text, as the Collector prints it everywhere (pdata/pcommon/value.go, Value.AsString): strings as
 * they are, bytes in base64, arrays and kvlists as Go's encoding/json writes them (keys sorted, `<`, `>` and `&` escaped),
 * '' for the empty value and for a list with NaN or an infinity in it, which Go cannot encode.
 */
export function anyValueToString(value: AnyValue): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return doubleToString(value);
  if (value instanceof Attributes || Array.isArray(value)) return goJson(value) ?? "";
  if (value instanceof Uint8Array) return base64(value);
  return String(value);
}

/** Go's float formatting in JSON, which follows JavaScript's but keeps the sign of zero; NaN and infinities are named. */
export function doubleToString(value: number): string {
  if (Number.isNaN(value)) return "json: unsupported value: NaN";
  if (!Number.isFinite(value)) return `json: unsupported value: ${value > 0 ? "+" : "-"}Inf`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function base64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
}

/** undefined when Go's encoder fails. */
function goJson(value: AnyValue): string | undefined {
  if (value === null) return "null";
  if (typeof value === "string") return goJsonString(value);
  if (typeof value === "number") return Number.isFinite(value) ? doubleToString(value) : undefined;
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (value instanceof Attributes) return goJsonObject(value);
  if (!Array.isArray(value)) return String(value);
  const elements: string[] = [];
  for (const element of value as readonly AnyValue[]) {
    const text = goJson(element);
    if (text === undefined) return undefined;
    elements.push(text);
  }
  return `[${elements.join(",")}]`;
}

function goJsonObject(attributes: Attributes): string | undefined {
  const members: string[] = [];
  // Of entries with the same key the last one counts, as in Go's map.
  const byKey = new Map(attributes.entries());
  for (const key of [...byKey.keys()].sort(compareUtf8)) {
    const text = goJson(byKey.get(key) ?? null);
    if (text === undefined) return undefined;
    members.push(`${goJsonString(key)}:${text}`);
  }
  return `{${members.join(",")}}`;
}

/** Go sorts by bytes, JavaScript by UTF-16 units, which differs beyond the basic plane. */
function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** A JSON string as Go's encoding/json writes it, quotes included. */
function goJsonString(text: string): string {
  return JSON.stringify(withoutLoneSurrogates(text)).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const utf8 = new TextDecoder();

/** Lone surrogates become U+FFFD, as they do in every UTF-8 writer; text that was received has none. */
function withoutLoneSurrogates(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? utf8.decode(Buffer.from(text, "utf8")) : text;
}
