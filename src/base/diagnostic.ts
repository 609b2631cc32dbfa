import type { SourceRange } from "./source-range.ts";

export type Severity = "error" | "warning" | "info";

/**
 * A problem with something a user gave: configuration, query, script, arguments. Diagnostics are values, collected and returned
 * all at once, never thrown past a parser. `code` is kebab-case and has a page in docs/diagnostics/.
 * `message` is lower case without a full stop, names things in double quotes and states the value given; `hint` is the fix.
 */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly range?: SourceRange;
  readonly hint?: string;
}

/** What every parser of user input returns: a value as far as one could be made, and all problems. */
export interface Parsed<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
