/**
 * The one description of a component's options. From it come the typed configuration, the checks with their places, the defaults, the
 * reference page and the JSON schema. Builders are in `options.ts`, reading a node in `decode.ts`.
 *
 *     export const config = section({
 *       timeout: duration({ default: "200ms", doc: "longest wait before a batch is sent" }),
 *       send_batch_size: int({ default: 8192, min: 0, doc: "items that make a batch complete", unit: "items" }),
 *       metadata_keys: list(text({ doc: "a key" }), { doc: "..." }),
 *     });
 *     export type BatchConfig = ConfigOf<typeof config>;   // { timeout: number; send_batch_size: number; metadata_keys: string[] }
 */
export type Option<T> = ScalarOption<T> | ListOption<T> | MapOption<T> | Section<T>;

interface OptionBase<T> {
  readonly doc: string;
  /** Value when the key is absent. Absent itself: the key may be missing and the field is then undefined, or `required`. */
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

export interface ScalarOption<T> extends OptionBase<T> {
  readonly kind: "scalar";
  /** Go's name of the type, used in messages: "string", "int", "bool", "float64", "time.Duration". */
  readonly goType: string;
  readonly unit?: string;
  readonly choices?: readonly string[];
  /** Reads a scalar; the text of the problem when it is none of this type. */
  readonly read: (input: {
    readonly value: string | number | bigint | boolean;
    readonly text: string;
    readonly fromText: boolean;
  }) => { readonly value: T } | { readonly problem: string };
  /** Prints a value as it would be written in YAML. */
  readonly print: (value: T) => string;
}

export interface ListOption<T> extends OptionBase<T> {
  readonly kind: "list";
  readonly item: Option<unknown>;
}

/** A map with keys of the user's choice. */
export interface MapOption<T> extends OptionBase<T> {
  readonly kind: "map";
  readonly item: Option<unknown>;
}

/** A map with known keys; unknown ones are errors that name the nearest. */
export interface Section<T> extends OptionBase<T> {
  readonly kind: "section";
  readonly fields: Readonly<Record<string, Option<unknown>>>;
  /**
   * What an absent section is. "defaults": as if `{}` were written. "off": undefined, until the section is written, even as `key:` with nothing
   * behind it or `{}` (the Collector's configoptional); `enabled: false` inside turns an optional section off again.
   */
  readonly whenAbsent: "defaults" | "off";
}

/** The decoded type of a section or option. */
export type ConfigOf<O> = O extends OptionBase<infer T> ? T : never;
