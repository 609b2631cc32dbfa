/**
 * Actions on attributes, compiled once and run for each item: the heart of the attributes and the resource processor. Behaviour follows the
 * Collector's internal/coreinternal/attraction.
 */
import { createHash } from "node:crypto";
import type { BatchContext } from "../../telemetry/batch.ts";
import { anyValueToString } from "../../telemetry/attributes/text.ts";
import type { AnyValue, Attributes } from "../../telemetry/tree/attributes.ts";
import type { ActionConfig, ConvertedType } from "./action-config.ts";
import { compileRegexp, type Regexp } from "./regexp.ts";
import { anyValueOf } from "./value.ts";

/** Changes attributes in place. */
export type AttributeChange = (attributes: Attributes, context: BatchContext) => void;

/** Compiles a checked list of actions; they run in order. */
export function compileActions(actions: readonly ActionConfig[]): AttributeChange {
  const changes = actions.map(compileAction);
  return (attributes, context) => {
    for (const change of changes) change(attributes, context);
  };
}

function compileAction(config: ActionConfig): AttributeChange {
  const { key } = config;
  switch (config.action) {
    case "insert": {
      const source = compileSource(config);
      return (attributes, context) => {
        const value = source(attributes, context);
        if (value !== undefined && attributes.get(key) === undefined) attributes.set(key, value);
      };
    }
    case "update": {
      const source = compileSource(config);
      return (attributes, context) => {
        const value = source(attributes, context);
        if (value !== undefined && attributes.get(key) !== undefined) attributes.set(key, value);
      };
    }
    case "upsert": {
      const source = compileSource(config);
      return (attributes, context) => {
        const value = source(attributes, context);
        if (value !== undefined) attributes.set(key, value);
      };
    }
    case "delete":
      return forEachKey(config, (attributes, name) => attributes.delete(name));
    case "hash":
      return forEachKey(config, (attributes, name) => {
        const value = attributes.get(name);
        if (value !== undefined) attributes.set(name, hashOf(value));
      });
    case "extract":
      return extract(key, regexpOf(config.pattern));
    case "convert":
      return convert(key, config.converted_type as ConvertedType);
  }
}

type Source = (attributes: Attributes, context: BatchContext) => AnyValue | undefined;

function compileSource(config: ActionConfig): Source {
  const fallback = config.default_value === undefined ? undefined : anyValueOf(config.default_value);
  if (config.value !== undefined) {
    const value = anyValueOf(config.value);
    return () => value;
  }
  if (config.from_attribute !== "") return (attributes) => attributes.get(config.from_attribute) ?? fallback;
  const name = config.from_context;
  if (name === "") return () => fallback;
  if (name === "client.address") return (_, context) => hostOf(context.peer) ?? fallback;
  const header = name.replace(/^metadata\./, "").toLowerCase();
  return (_, context) => context.metadata?.get(header)?.join(";") ?? fallback;
}

/** The address of "127.0.0.1:4242" or "[::1]:4242" without its port. */
function hostOf(peer: string): string | undefined {
  const colon = peer.lastIndexOf(":");
  const host = (colon === -1 ? peer : peer.slice(0, colon)).replace(/^\[|\]$/g, "");
  return host === "" ? undefined : host;
}

function forEachKey(
  config: ActionConfig,
  act: (attributes: Attributes, key: string) => void,
): AttributeChange {
  const regexp = config.pattern === "" ? undefined : regexpOf(config.pattern);
  return (attributes) => {
    if (config.key !== "") act(attributes, config.key);
    if (regexp === undefined) return;
    const keys = [...attributes.entries()].map(([name]) => name).filter((name) => regexp.matches(name));
    for (const name of keys) act(attributes, name);
  };
}

function extract(key: string, regexp: Regexp): AttributeChange {
  return (attributes) => {
    const value = attributes.get(key);
    const groups = typeof value === "string" ? regexp.groups(value) : undefined;
    if (groups === undefined) return;
    for (let number = 1; number < groups.length; number++) {
      attributes.set(regexp.names[number] ?? "", groups[number] ?? "");
    }
  };
}

function convert(key: string, type: ConvertedType): AttributeChange {
  return (attributes) => {
    const value = attributes.get(key);
    const converted = value === undefined ? undefined : convertValue(value, type);
    if (converted !== undefined) attributes.set(key, converted);
  };
}

/** The value as another type; undefined when it cannot be (the attribute then stays as it is). */
function convertValue(value: AnyValue, type: ConvertedType): AnyValue | undefined {
  if (type === "string") return typeof value === "string" ? undefined : anyValueToString(value);
  if (typeof value === "boolean") return type === "int" ? BigInt(value) : Number(value);
  if (type === "int") {
    if (typeof value === "number") return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
    return typeof value === "string" && /^[+-]?\d+$/.test(value)
      ? BigInt.asIntN(64, BigInt(value))
      : undefined;
  }
  if (typeof value === "bigint") return Number(value);
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}

/** SHA-256 as the Collector hashes: over the text of strings, over the bytes of numbers and bools; '' for all else. */
function hashOf(value: AnyValue): string {
  const input = hashInput(value);
  return input.length === 0 ? "" : createHash("sha256").update(input).digest("hex");
}

function hashInput(value: AnyValue): Uint8Array | string {
  if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
  const eight = new DataView(new ArrayBuffer(8));
  if (typeof value === "bigint") {
    eight.setBigInt64(0, value, true);
    return new Uint8Array(eight.buffer);
  }
  if (typeof value === "number") {
    eight.setFloat64(0, value, true);
    return new Uint8Array(eight.buffer);
  }
  return typeof value === "string" ? value : "";
}

function regexpOf(source: string): Regexp {
  const compiled = compileRegexp(source);
  if ("problem" in compiled) throw new Error(`cannot compile "${source}": ${compiled.problem}`);
  return compiled;
}
