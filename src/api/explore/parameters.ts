/**
 * Reads query parameters into typed values. Every problem is collected, so that a caller learns all of them at once.
 */
import { parseGoDuration, parseLongDuration } from "../../base/duration.ts";
import type { AttributeFilter, AttributeScope } from "../../storage/attributes.ts";
import type { SpanField } from "../../storage/traces.ts";
import type { TimeWindow } from "../../storage/window.ts";

const scopes: readonly AttributeScope[] = ["resource", "scope", "span", "event", "link", "log", "metric"];

export class Parameters {
  readonly problems: string[] = [];
  readonly #query: URLSearchParams;
  readonly #nowMs: number;

  constructor(query: URLSearchParams, nowMs: number) {
    this.#query = query;
    this.#nowMs = nowMs;
  }

  text(name: string): string | undefined {
    const value = this.#query.get(name)?.trim();
    return value === undefined || value === "" ? undefined : value;
  }

  all(name: string): readonly string[] {
    return this.#query.getAll(name).filter((value) => value !== "");
  }

  /** A whole number between `min` and `max` inclusive; `fallback` when absent. */
  integer(name: string, fallback: number, min: number, max: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    this.problems.push(`cannot use "${name}=${value}": must be a whole number from ${min} to ${max}`);
    return fallback;
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T;
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined;
  choice<T extends string>(name: string, choices: readonly T[], fallback?: T): T | undefined {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (found === undefined)
      this.problems.push(`cannot use "${name}=${value}": must be one of ${choices.join(", ")}`);
    return found ?? fallback;
  }

  /** Nanoseconds of a duration such as "10ms". */
  durationNano(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const ms = parseGoDuration(value);
    if (ms === undefined || ms < 0) {
      this.problems.push(`cannot use "${name}=${value}": must be a duration such as 10ms or 1.5s`);
      return undefined;
    }
    return Math.round(ms * 1e6);
  }

  /** The window of `from` and `to`; the last hour when neither is given. */
  window(): TimeWindow {
    return this.optionalWindow() ?? { startMs: this.#nowMs - 3_600_000, endMs: this.#nowMs };
  }

  /** The window, or undefined when neither `from` nor `to` is given. */
  optionalWindow(): TimeWindow | undefined {
    if (this.text("from") === undefined && this.text("to") === undefined) return undefined;
    const endMs = this.#instant("to", this.#nowMs);
    const startMs = this.#instant("from", endMs - 3_600_000);
    if (startMs >= endMs)
      this.problems.push(`cannot use the window: "from" (${startMs}) must be before "to" (${endMs})`);
    return { startMs, endMs };
  }

  /** Unix milliseconds of a time, relative or not; undefined when absent. */
  instant(name: string): number | undefined {
    return this.text(name) === undefined ? undefined : this.#instant(name, this.#nowMs);
  }

  /**
   * Fields of repeated parameters: "service", "name", "kind", "status", else an attribute's key, with "span.", "resource." or
   * "scope." before it when only that scope counts.
   */
  fields(name: string, most: number): readonly SpanField[] {
    const texts = this.all(name);
    if (texts.length > most)
      this.problems.push(`"${name}" is given ${texts.length} times, at most ${most} are used`);
    return texts.map(parseSpanField);
  }

  #instant(name: string, fallback: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const relative = /^now(?:-(.+))?$/.exec(value);
    if (relative !== null) {
      const back = relative[1] === undefined ? 0 : parseLongDuration(relative[1]);
      if (back !== undefined) return this.#nowMs - back;
    } else if (/^\d+(\.\d+)?$/.test(value)) {
      return Number(value);
    }
    this.problems.push(`cannot use "${name}=${value}": must be Unix milliseconds, or relative as now-15m`);
    return fallback;
  }

  /** Filters of repeated `attr` parameters: `key=value`, `key!=value`, `key~text`, `key`. */
  attributes(): readonly AttributeFilter[] {
    return this.all("attr").flatMap((text) => {
      const filter = parseAttributeFilter(text);
      if (filter === undefined)
        this.problems.push(`cannot use "attr=${text}": must be key=value, key!=value, key~text or key`);
      return filter ?? [];
    });
  }
}

/** Reads one filter; a leading "resource.", "span.", ... is its scope. Undefined when there is no key. */
export function parseAttributeFilter(text: string): AttributeFilter | undefined {
  const match = /^([^=!~]+?)(?:(!=|=|~)([\s\S]*))?$/.exec(text);
  if (match === null) return undefined;
  const [, name = "", sign, value = ""] = match;
  const dot = name.indexOf(".");
  const scope = scopes.find((candidate) => candidate === name.slice(0, Math.max(dot, 0)));
  const key = (scope === undefined ? name : name.slice(dot + 1)).trim();
  if (key === "") return undefined;
  const operator = sign === undefined ? "exists" : sign === "~" ? "contains" : sign === "!=" ? "!=" : "=";
  return { ...(scope === undefined ? {} : { scope }), key, operator, value };
}

/** An attribute that has the name of a field is written with its scope: "span.name". */
export function parseSpanField(text: string): SpanField {
  if (text === "service" || text === "name" || text === "kind" || text === "status") return { field: text };
  const found = /^(span|resource|scope)\.([\s\S]+)$/.exec(text);
  if (found === null) return { key: text };
  return { scope: found[1] as "span" | "resource" | "scope", key: found[2] ?? "" };
}
