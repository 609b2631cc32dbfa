/**
 * Typed codecs between a page's state and the query of its address. A field that is missing or unreadable takes its fallback, so that an old
 * or hand-written link always opens; a field at its fallback is left out, so that links stay short. print(parse(x)) is stable.
 */
export type RawQuery = Readonly<Record<string, string | readonly string[]>>;

export interface Field<T> {
  /** `values`: all values of the key in order; empty when it is missing. */
  parse(values: readonly string[]): T;
  /** Empty at the fallback. */
  print(value: T): readonly string[];
}

export interface Codec<T extends object> {
  parse(query: RawQuery): T;
  print(value: Partial<T>): RawQuery;
}

export function text(fallback = ""): Field<string> {
  return {
    parse: (values) => values[0] ?? fallback,
    print: (value) => (value === fallback ? [] : [value]),
  };
}

/** Repeated key; empty entries are dropped. */
export function list(): Field<readonly string[]> {
  return {
    parse: (values) => values.filter((value) => value !== ""),
    print: (value) => value.filter((entry) => entry !== ""),
  };
}

export function oneOf<const T extends string>(options: readonly T[], fallback: T): Field<T> {
  return {
    parse: (values) => options.find((option) => option === values[0]) ?? fallback,
    print: (value) => (value === fallback ? [] : [value]),
  };
}

/** Whole number within the bounds, both inclusive. */
export function whole(
  fallback: number,
  bounds: { readonly min: number; readonly max: number },
): Field<number> {
  return {
    parse: (values) => {
      const value = Number(values[0] ?? "");
      if (values[0] === undefined || values[0] === "" || !Number.isInteger(value)) return fallback;
      return Math.min(bounds.max, Math.max(bounds.min, value));
    },
    print: (value) => (value === fallback ? [] : [String(value)]),
  };
}

export function codec<T extends object>(fields: { readonly [K in keyof T]: Field<T[K]> }): Codec<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  return {
    parse(query) {
      const parsed: Partial<T> = {};
      for (const key of keys) {
        const raw = query[key];
        parsed[key] = fields[key].parse(raw === undefined ? [] : typeof raw === "string" ? [raw] : raw);
      }
      return parsed as T;
    },
    print(value) {
      const printed: Record<string, string | readonly string[]> = {};
      for (const key of keys) {
        const field = value[key];
        if (field === undefined) continue;
        const values = fields[key].print(field);
        if (values.length > 0) printed[key] = values.length === 1 ? values[0]! : values;
      }
      return printed;
    },
  };
}

/** "?a=1&b=2&b=3" to {a: "1", b: ["2", "3"]}. */
export function parseQuery(search: string): RawQuery {
  // Without a prototype: "?constructor=1" must find nothing there.
  const query = Object.create(null) as Record<string, string | string[]>;
  for (const [key, value] of new URLSearchParams(search)) {
    const before = query[key];
    if (before === undefined) query[key] = value;
    else if (typeof before === "string") query[key] = [before, value];
    else before.push(value);
  }
  return query;
}

/** The reverse of parseQuery; "" for an empty query, else with the leading "?". */
export function printQuery(query: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const entry of Array.isArray(value) ? value : [value]) {
      if (typeof entry === "string") parameters.append(key, entry);
    }
  }
  // These need no escape in a query and make links that people can read.
  const printed = parameters.toString().replace(/%3A/g, ":").replace(/%2F/g, "/").replace(/%2C/g, ",");
  return printed === "" ? "" : `?${printed}`;
}
