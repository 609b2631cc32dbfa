/** An agent of a runtime that Otelier does not install itself: found on the machine and switched on, or missing. */
export interface FoundAgent {
  /** Added to the program's environment; empty when the agent is missing. */
  readonly variables: Readonly<Record<string, string>>;
  /** "ruby 3.1: instrumented by ..." or "ruby 3.1: not instrumented: WHY; REMEDY". */
  readonly line: string;
}

export interface FindOptions {
  readonly cwd: string;
  /** The user's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The agent cache, for files that an agent needs. */
  readonly cache: string;
}

/** A list as the runtimes keep them, with our entries behind those that the user has, none twice. */
export function appended(given: string | undefined, separator: string, ...own: readonly string[]): string {
  const entries = (given ?? "").split(separator).filter((entry) => entry !== "");
  return [...entries, ...own.filter((entry) => !entries.includes(entry))].join(separator);
}
