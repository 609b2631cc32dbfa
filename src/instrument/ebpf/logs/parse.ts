/**
 * What a line says by itself, in the forms that Go's loggers write: JSON (slog, zap, zerolog, logrus), key=value (slog, logrus), and text behind a
 * time (log, slog, zap, zerolog's console). Anything else is a message without a severity.
 */
export interface ParsedLine {
  readonly message: string;
  /** As it was written; "" without one. */
  readonly severityText: string;
  /** OpenTelemetry's, 1 to 24; 0 without one. */
  readonly severity: number;
  readonly attributes: ReadonlyMap<string, LogValue>;
}

export type LogValue = string | number | boolean;

const severities: Readonly<Record<string, number>> = {
  TRACE: 1,
  TRC: 1,
  DEBUG: 5,
  DBG: 5,
  INFO: 9,
  INF: 9,
  NOTICE: 10,
  WARN: 13,
  WRN: 13,
  WARNING: 13,
  ERROR: 17,
  ERR: 17,
  DPANIC: 21,
  PANIC: 21,
  PNC: 21,
  FATAL: 21,
  FTL: 21,
};
const messageKeys = ["msg", "message"];
const levelKeys = ["level", "severity", "lvl"];
/** The record has the time at which the line was written. */
const timeKeys = new Set(["time", "ts", "timestamp", "@timestamp"]);
const maxAttributes = 64;

export function parseLine(text: string): ParsedLine {
  return jsonLine(text) ?? pairsLine(text) ?? timedLine(text);
}

function jsonLine(text: string): ParsedLine | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const entries = Object.entries(value as Record<string, unknown>);
    return fromFields(entries.map(([key, each]) => [key, plain(each)]));
  } catch {
    return undefined; // cut, or no JSON
  }
}

function plain(value: unknown): LogValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return JSON.stringify(value);
}

/** `time=... level=INFO msg="order placed" order=7` */
function pairsLine(text: string): ParsedLine | undefined {
  if (!/^[\w.@-]+=/.test(text) || !/(?:^|\s)msg=/.test(text)) return undefined;
  const pairs = [...text.matchAll(/(?:^|\s)((?:[^\s="]|"(?:[^"\\]|\\.)*")+)=("(?:[^"\\]|\\.)*"|\S*)/g)];
  return fromFields(pairs.map(([, key = "", value = ""]) => [unquoted(key), unquoted(value)]));
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text; // Go's quoting has more escapes than JSON's
  }
}

function fromFields(fields: readonly (readonly [string, LogValue])[]): ParsedLine | undefined {
  const message = fields.find(([key]) => messageKeys.includes(key))?.[1];
  if (message === undefined) return undefined;
  const level = String(fields.find(([key]) => levelKeys.includes(key))?.[1] ?? "");
  const rest = fields.filter(
    ([key]) => key !== "" && !messageKeys.includes(key) && !levelKeys.includes(key) && !timeKeys.has(key),
  );
  return { ...leveled(level), message: String(message), attributes: new Map(rest.slice(0, maxAttributes)) };
}

/** `2026/11/27 09:30:00.123456 WARN message`, with tabs, colours, or in ISO 8601. */
function timedLine(text: string): ParsedLine {
  // oxlint-disable-next-line no-control-regex -- colours of a terminal are control characters
  const line = text.replace(/\u001b\[[\d;]*m/g, "");
  const time =
    /^(?:\d{4}[-/]\d\d[-/]\d\d[ T]?)?(?:\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[AP]M|Z|[+-]\d\d:?\d\d)?)?[ \t]*/.exec(
      line,
    )?.[0] ?? "";
  const rest = line.slice(time.length);
  // In lower case only where it is set apart: "error opening a file" has none.
  const level = /^(?:\[?([A-Z]{3,7}(?:[+-]\d+)?)\]?:?|\[([a-z]{3,7})\]:?|([a-z]{3,7}):)[ \t]+(?=\S)/.exec(
    rest,
  );
  const found = leveled(level?.slice(1).find((part) => part !== undefined) ?? "");
  // A word that begins a sentence is no level.
  if (level === null || found.severity === 0)
    return { ...leveled(""), message: rest || line, attributes: new Map() };
  const fields = rest.slice(level[0].length).split("\t");
  const message = fields.length > 1 && /^\S+\.go:\d+$/.test(fields[0]!) ? fields.slice(1) : fields;
  return { ...found, message: message.join(" "), attributes: new Map() };
}

/** slog writes what lies between its levels as "INFO+2". */
function leveled(text: string): Pick<ParsedLine, "severity" | "severityText"> {
  const [, name = "", more] = /^([a-z]+)([+-]\d+)?$/i.exec(text) ?? [];
  const known = severities[name.toUpperCase()];
  const severity = known === undefined ? 0 : Math.min(24, Math.max(1, known + Number(more ?? 0)));
  return { severityText: text, severity };
}
