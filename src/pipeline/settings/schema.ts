/**
 * The one description of a component's options. From it come the typed configuration, the checks with their places, the defaults, the
 * reference page and the JSON schema. Builders are in `options.ts`, reading a node in `decode.ts`, printing in `print.ts`.
 *
 *     export interface BatchConfig {
 *       readonly timeout: number;
 *       readonly send_batch_size: number;
 *       readonly metadata_keys: readonly string[];
 *     }
 *     export const batchConfig: Section<BatchConfig> = section({
 *       timeout: duration({ default: "200ms", doc: "longest wait before a batch is sent" }),
 *       send_batch_size: int({ default: 8192, min: 0, doc: "items that make a batch complete", unit: "items" }),
 *       metadata_keys: list(text({ doc: "a key", required: true }), { doc: "keys that batches are kept apart by" }),
 *     });
 */
import type { ScalarNode } from "./config-node.ts";

export type Option<T> = ScalarOption<T> | ListOption<T> | MapOption<T> | RawOption<T> | Section<T>;

interface OptionBase<T> {
  readonly doc: string;
  /** Value when the key is absent or null. Absent itself: the field is then undefined, or `required`. */
  readonly default?: T;
  readonly required?: boolean;
  readonly example?: string;
  /** Older name of this key, accepted with a warning. */
  readonly deprecatedName?: string;
  /** Accepted because the Collector accepts it, but without effect here; the reason is shown as a warning when it is set. */
  readonly ignored?: string;
  /** Never printed; shown as [REDACTED]. */
  readonly secret?: boolean;
  /** Phantom: carries the type. */
  readonly type?: T;
}

/** What a scalar is read from: a scalar node without its place. */
export type ScalarInput = Pick<ScalarNode, "value" | "text" | "fromText">;

type ScalarReading<T> =
  | { readonly value: T; readonly warning?: string; readonly hint?: string }
  | ScalarProblem;

export interface ScalarProblem {
  /** Follows the quoted name of the option: "expected type 'int', got unconvertible type 'string'". */
  readonly problem: string;
  readonly hint?: string;
}

export interface ScalarOption<T> extends OptionBase<T> {
  readonly kind: "scalar";
  /** Go's name of the type, used in messages: "string", "int", "bool", "float64", "time.Duration". */
  readonly goType: string;
  readonly unit?: string;
  readonly choices?: readonly string[];
  /** Reads a scalar; the text of the problem when it is none of this type. */
  readonly read: (input: ScalarInput) => ScalarReading<T>;
  /** The value as YAML would hold it; a method, so that options of narrower types fit wider ones. */
  print(value: T): string | number | boolean;
}

/** The value is a readonly array. */
export interface ListOption<T> extends OptionBase<T> {
  readonly kind: "list";
  readonly item: Option<unknown>;
}

/** A map with keys of the user's choice; the value is a ReadonlyMap in the order written. */
/** Taken as written: the value is the `ConfigNode`, for options whose type the user chooses (an attribute's value). */
export interface RawOption<T> extends OptionBase<T> {
  readonly kind: "raw";
}

export interface MapOption<T> extends OptionBase<T> {
  readonly kind: "map";
  readonly item: Option<unknown>;
  /** Also takes a list of `{name, value}` (the Collector's configopaque.MapList). */
  readonly pairs?: boolean;
}

/** A map with known keys; unknown ones are errors that name the nearest. */
export interface Section<T> extends OptionBase<T> {
  readonly kind: "section";
  readonly fields: Readonly<Record<string, Option<unknown>>>;
  /** What an absent section is: "defaults", as if `{}` were written, or "off", undefined until it is written. */
  readonly whenAbsent: "defaults" | "off";
  /**
   * What `key:` with nothing behind it is: "defaults" turns the section on with its defaults (the Collector's configoptional.Default), "off"
   * leaves it as if absent (configoptional.None).
   */
  readonly whenNull: "defaults" | "off";
  /** `enabled: false` inside turns the section off (undefined); `enabled` is then no field of its own. */
  readonly switchable: boolean;
}

/** The options of a section whose decoded type is C. */
export type Fields<C> = { readonly [K in keyof C]-?: Option<C[K]> };
