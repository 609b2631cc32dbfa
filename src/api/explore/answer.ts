/** What a route is, and what all routes do with their parameters. */
import { OtelierError } from "../../base/error.ts";
import type { Store } from "../../storage/store.ts";
import type { ReadContext } from "../../storage/window.ts";
import type { Parameters } from "./parameters.ts";

export type Answer = (
  store: Store,
  parameters: Parameters,
  context: ReadContext,
  path: PathParts,
) => Promise<unknown>;

/** Words of the path that stand for `{name}` in the pattern. */
export type PathParts = Readonly<Record<string, string>>;

export interface Route {
  readonly pattern: string;
  readonly answer: Answer;
}

/** Calls the store only when no parameter was wrong. */
export function checked<A extends readonly unknown[], T>(
  parameters: Parameters,
  call: (...values: A) => Promise<T>,
  ...values: A
): Promise<T> {
  if (parameters.problems.length > 0) return Promise.reject(badParameters(parameters));
  return call(...values);
}

function badParameters(parameters: Parameters): OtelierError {
  return new OtelierError(parameters.problems.join("; "), { code: "bad-parameter", outcome: "permanent" });
}

export function steps(parameters: Parameters): number {
  return parameters.integer("steps", 30, 1, 1000);
}

export function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  if (value === undefined) return {};
  const entry: Partial<Record<K, V>> = {};
  entry[key] = value;
  return entry;
}
