/**
 * The program's own log: lines for people on a terminal, JSON otherwise, by the Collector's names (service.telemetry.logs). Messages are sentences;
 * one line an event, never one a telemetry item.
 */
import type { Clock } from "../../base/clock.ts";
import type { Log, LogFields } from "../component.ts";

const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogEncoding = "console" | "json";

export interface ComponentLog extends Log {
  /** A log that adds fields to each line. */
  child(fields: LogFields): ComponentLog;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly encoding: LogEncoding;
  readonly colour: boolean;
  readonly clock: Clock;
  /** Takes one line with its line break. */
  readonly write: (line: string) => void;
  /** Added to each line. */
  readonly fields?: LogFields;
}

export function createLog(options: LogOptions): ComponentLog {
  const lowest = logLevels.indexOf(options.level);
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(level) < lowest) return;
      const all = { ...options.fields, ...fields };
      const time = new Date(options.clock.now()).toISOString();
      const print = options.encoding === "json" ? printJson : printLine;
      options.write(`${print({ time, level, message, fields: all, colour: options.colour })}\n`);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => createLog({ ...options, fields: { ...options.fields, ...fields } }),
  };
}

interface Line {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
  readonly colour: boolean;
}

function printJson({ time, level, message, fields }: Line): string {
  return JSON.stringify({ level, ts: time, msg: message, ...fields });
}

const colours: Readonly<Record<LogLevel, string>> = {
  debug: "\u001b[2m",
  info: "\u001b[36m",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};

/** "12:00:01.250 warn  exporter otlp/2  Exporting failed. ...  error=unavailable": the component stands first, since that is what people look for. */
function printLine({ time, level, message, fields, colour }: Line): string {
  const { "otelcol.component.kind": kind, "otelcol.component.id": id, ...rest } = fields;
  const component = id === undefined ? "" : `${kind} ${id}  `;
  const shown = Object.entries(rest).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${key}=${printValue(value)}`],
  );
  const word = level.padEnd(5);
  const painted = colour ? `${colours[level]}${word}\u001b[0m` : word;
  return `${time.slice(11, 23)} ${painted} ${component}${message}${shown.join("")}`;
}

function printValue(value: string | number | boolean): string {
  const text = String(value);
  return /[\s"=]/.test(text) || text === "" ? JSON.stringify(text) : text;
}
