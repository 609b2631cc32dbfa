/** Prints a decoded configuration as plain values for YAML or JSON: every option with its effective value, secrets redacted. */
import type { ConfigNode } from "./config-node.ts";
import type { Option, Section } from "./schema.ts";

export type PlainValue = null | string | number | boolean | readonly PlainValue[] | PlainMap;
export interface PlainMap {
  readonly [key: string]: PlainValue;
}

export interface PrintConfigOptions {
  /** Show secrets. Default false: "[REDACTED]". */
  readonly unredacted?: boolean;
}

export function printConfig<C>(section: Section<C>, config: C, options: PrintConfigOptions = {}): PlainMap {
  return printFields(section, config, options);
}

function printFields(section: Section<unknown>, config: unknown, options: PrintConfigOptions): PlainMap {
  const values = config as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(section.fields).flatMap(([key, option]) => {
      const value = values[key];
      return value === undefined ? [] : [[key, printValue(option, value, options)]];
    }),
  );
}

/** One option's value. */
export function printValue(
  option: Option<unknown>,
  value: unknown,
  options: PrintConfigOptions = {},
): PlainValue {
  if (value === undefined) return null;
  if (option.secret === true && options.unredacted !== true) return "[REDACTED]";
  switch (option.kind) {
    case "scalar":
      return option.print(value);
    case "list":
      return (value as readonly unknown[]).map((item) => printValue(option.item, item, options));
    case "map":
      return Object.fromEntries(
        [...(value as ReadonlyMap<string, unknown>)].map(([key, item]) => [
          key,
          printValue(option.item, item, options),
        ]),
      );
    case "section":
      return printFields(option, value, options);
    case "raw":
      return printNode(value as ConfigNode);
  }
}

/** A node as plain values, as written. */
export function printNode(node: ConfigNode): PlainValue {
  switch (node.kind) {
    case "null":
      return null;
    case "scalar":
      return typeof node.value === "bigint" ? node.text : node.value;
    case "list":
      return node.items.map(printNode);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, printNode(entry.value)]));
  }
}
