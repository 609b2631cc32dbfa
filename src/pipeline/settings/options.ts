/**
 * Builders of options. Each takes what the reference page shows (`doc`, `default`, `unit`, ...) and knows how the Collector reads that type:
 * no weak typing, text from `${...}` goes to string options as written.
 */
import { parseGoDuration, printGoDuration } from "../../base/duration.ts";
import { parseComponentId, printComponentId } from "./component-id.ts";
import type { ComponentId } from "./component-id.ts";
import type { ConfigNode } from "./config-node.ts";
import type {
  Fields,
  ListOption,
  MapOption,
  Option,
  RawOption,
  ScalarInput,
  ScalarOption,
  ScalarProblem,
  Section,
} from "./schema.ts";

interface Spec {
  readonly doc: string;
  readonly required?: boolean;
  readonly example?: string;
  readonly deprecatedName?: string;
  readonly ignored?: string;
}

/** T when the option always has a value, else T or undefined. */
type Value<T, S> = S extends { readonly default: unknown } | { readonly required: true } ? T : T | undefined;

export interface TextSpec extends Spec {
  readonly default?: string;
}

/** A string. Numbers and booleans are refused unless they come from `${...}`, whose text is taken. */
export function text<const S extends TextSpec>(spec: S): ScalarOption<Value<string, S>> {
  const option: ScalarOption<string> = {
    kind: "scalar",
    goType: "string",
    ...spec,
    read: (input) => {
      const value = textOf(input);
      return value === undefined ? unconvertible("string", input) : { value };
    },
    print: (value) => value,
  };
  return option;
}

/** A string that is never shown. */
export function secret<const S extends TextSpec>(spec: S): ScalarOption<Value<string, S>> {
  return { ...text(spec), goType: "configopaque.String", secret: true };
}

export interface NumberSpec extends Spec {
  readonly default?: number;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** Text for a number below `min` or above `max`, by the Collector where it has one: "'limit_mib' must be ..." */
  readonly outOfRange?: string;
}

/** A whole number within the safe integers. */
export function int<const S extends NumberSpec>(spec: S): ScalarOption<Value<number, S>> {
  const option: ScalarOption<number> = {
    kind: "scalar",
    goType: "int",
    ...spec,
    read: (input) => {
      const { value } = input;
      if (typeof value === "bigint") return { problem: `cannot hold ${value}: the number is too large` };
      if (typeof value !== "number") return unconvertible("int", input);
      if (!Number.isInteger(value)) return { problem: `must be a whole number, got ${value}` };
      return rangeProblem(spec, value) ?? { value };
    },
    print: (value) => value,
  };
  return option;
}

export function float<const S extends NumberSpec>(spec: S): ScalarOption<Value<number, S>> {
  const option: ScalarOption<number> = {
    kind: "scalar",
    goType: "float64",
    ...spec,
    read: (input) => {
      const value = typeof input.value === "bigint" ? Number(input.value) : input.value;
      if (typeof value !== "number") return unconvertible("float64", input);
      return rangeProblem(spec, value) ?? { value };
    },
    print: (value) => value,
  };
  return option;
}

export interface BoolSpec extends Spec {
  readonly default?: boolean;
}

export function bool<const S extends BoolSpec>(spec: S): ScalarOption<Value<boolean, S>> {
  const option: ScalarOption<boolean> = {
    kind: "scalar",
    goType: "bool",
    ...spec,
    read: (input) =>
      typeof input.value === "boolean" ? { value: input.value } : unconvertible("bool", input),
    print: (value) => value,
  };
  return option;
}

export interface DurationSpec extends Spec {
  /** As written: "200ms". */
  readonly default?: string;
  /** Smallest allowed value in milliseconds, inclusive. */
  readonly minMs?: number;
  readonly outOfRange?: string;
}

/**
 * A Go duration, decoded to milliseconds. A plain number is nanoseconds, as in the Collector, and warned about, since it is
 * hardly ever meant.
 */
export function duration<const S extends DurationSpec>(spec: S): ScalarOption<Value<number, S>> {
  const { default: written, minMs, outOfRange, ...rest }: DurationSpec = spec;
  const common: Spec = rest;
  const parsed = written === undefined ? undefined : parseGoDuration(written);
  const option: ScalarOption<number> = {
    kind: "scalar",
    goType: "time.Duration",
    ...common,
    ...(parsed === undefined ? {} : { default: parsed }),
    read: (input) => {
      const bounds = {
        ...(minMs === undefined ? {} : { min: minMs }),
        ...(outOfRange === undefined ? {} : { outOfRange }),
      };
      if (typeof input.value === "number") {
        const value = input.value / 1e6;
        const meant = `write "${input.value}s" for seconds, "${input.value}ms" for milliseconds`;
        const warning = `is a number without a unit and means ${printGoDuration(value)}`;
        const plain = { value };
        return rangeProblem(bounds, value) ?? (input.value === 0 ? plain : { value, warning, hint: meant });
      }
      if (typeof input.value !== "string") return unconvertible("time.Duration", input);
      const value = parseGoDuration(input.value);
      if (value !== undefined) return rangeProblem(bounds, value) ?? { value };
      const missing = /^[+-]?[\d.]+$/.test(input.value) ? "missing unit in duration" : "invalid duration";
      return { problem: `time: ${missing} "${input.value}"`, hint: 'write it as "10s", "1m30s" or "200ms"' };
    },
    print: printGoDuration,
  };
  return option;
}

export interface EnumSpec<C extends string> extends Spec {
  readonly default?: C;
  /** The problem with another value; default: `must be one of ..., got "..."`. */
  readonly problem?: (value: string) => string;
  /** Letters are compared without case. */
  readonly ignoreCase?: boolean;
}

/** One of a closed set of strings. */
export function enumOf<const C extends string, const S extends EnumSpec<C>>(
  choices: readonly C[],
  spec: S,
): ScalarOption<Value<C, S>> {
  const { problem, ignoreCase, ...common } = spec;
  const option: ScalarOption<C> = {
    kind: "scalar",
    goType: "string",
    ...(common as Omit<EnumSpec<C>, "problem" | "ignoreCase">),
    choices,
    read: (input) => {
      const given = textOf(input);
      if (given === undefined) return unconvertible("string", input);
      const sought = ignoreCase === true ? given.toLowerCase() : given;
      const value = choices.find((choice) => choice === sought);
      if (value !== undefined) return { value };
      const hint = `one of: ${choices.filter((choice) => choice !== "").join(", ")}`;
      if (problem !== undefined) return { problem: problem(given), hint };
      return {
        problem: `must be one of ${choices.map((choice) => `"${choice}"`).join(", ")}, got "${given}"`,
      };
    },
    print: (value) => value,
  };
  return option;
}

export function componentIdOption<const S extends Spec>(spec: S): ScalarOption<Value<ComponentId, S>> {
  const option: ScalarOption<ComponentId> = {
    kind: "scalar",
    goType: "component.ID",
    ...spec,
    read: (input) => {
      const given = textOf(input);
      if (given === undefined) return unconvertible("string", input);
      const id = parseComponentId(given);
      return "problem" in id ? id : { value: id };
    },
    print: printComponentId,
  };
  return option;
}

export interface ListSpec<T> extends Spec {
  /** Default: []. */
  readonly default?: readonly T[];
}

export function list<T>(
  item: Option<T>,
  spec: ListSpec<NonNullable<T>>,
): ListOption<readonly NonNullable<T>[]> {
  return { kind: "list", default: [], ...spec, item };
}

/** Any value, kept as written; undefined when absent. */
export function raw(spec: Spec): RawOption<ConfigNode | undefined> {
  return { kind: "raw", ...spec };
}

export interface MapSpec extends Spec {
  readonly pairs?: boolean;
}

/** A map with keys of the user's choice; empty by default. */
export function mapOf<T>(item: Option<T>, spec: MapSpec): MapOption<ReadonlyMap<string, NonNullable<T>>> {
  return { kind: "map", default: new Map(), ...spec, item };
}

/** A map with known keys that is always there: absent and null mean its defaults. */
export function section<C>(fields: Fields<C>, spec: Partial<Spec> = {}): Section<C> {
  return {
    kind: "section",
    doc: "",
    ...spec,
    fields,
    whenAbsent: "defaults",
    whenNull: "defaults",
    switchable: false,
  };
}

export interface OptionalSectionSpec extends Spec {
  /** Default "off". */
  readonly whenAbsent?: "defaults" | "off";
  /** Default: "off", the Collector's configoptional.None; "defaults" is its configoptional.Default. */
  readonly whenNull?: "defaults" | "off";
}

/** A map with known keys that may be off: undefined when absent (unless `whenAbsent` says else) or when `enabled: false` stands inside. */
export function optionalSection<C>(fields: Fields<C>, spec: OptionalSectionSpec): Section<C | undefined> {
  return {
    kind: "section",
    whenAbsent: "off",
    whenNull: spec.whenAbsent === "defaults" ? "defaults" : "off",
    switchable: true,
    ...spec,
    fields,
  };
}

function textOf(input: ScalarInput): string | undefined {
  if (input.fromText) return input.text;
  return typeof input.value === "string" ? input.value : undefined;
}

function unconvertible(goType: string, input: ScalarInput): ScalarProblem {
  const got = goTypeOf(input.value);
  const hint = goType === "string" && got !== "string" ? `put it in quotes: "${input.text}"` : undefined;
  const problem = `expected type '${goType}', got unconvertible type '${got}'`;
  return hint === undefined ? { problem } : { problem, hint };
}

/** Go's name of what a YAML scalar becomes. */
export function goTypeOf(value: string | number | bigint | boolean): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "uint64";
  return Number.isInteger(value) ? "int" : "float64";
}

function rangeProblem(
  spec: { readonly min?: number; readonly max?: number; readonly outOfRange?: string },
  value: number,
): ScalarProblem | undefined {
  const { min, max, outOfRange } = spec;
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return undefined;
  if (outOfRange !== undefined) return { problem: outOfRange };
  if (min !== undefined && max !== undefined)
    return { problem: `must be from ${min} to ${max}, got ${value}` };
  return {
    problem:
      min === undefined ? `must be at most ${max}, got ${value}` : `must be at least ${min}, got ${value}`,
  };
}
