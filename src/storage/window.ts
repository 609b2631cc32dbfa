/** A stretch of time for a query: `startMs` inclusive, `endMs` exclusive, both Unix milliseconds (fractions allowed). */
export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Bounds on one query; a store refuses or cuts rather than exceed them, and says so. */
export interface QueryLimits {
  /** Wall time; default 30 s. */
  readonly timeoutMs?: number;
  /** Memory of the database for this query; default 1 GiB. */
  readonly memoryBytes?: number;
}

/** What every read call takes beside its own arguments. */
export interface ReadContext {
  /** '' when there is one tenant only. */
  readonly tenant: string;
  readonly limits?: QueryLimits;
  /** Cancels the query in the database as well. */
  readonly signal?: AbortSignal;
}

/**
 * Why a list is empty, worked out only when it is: so that nobody stares at an empty page.
 * `hint` says in words what to do.
 */
export interface EmptyReason {
  readonly code: "nothing-arrived" | "other-window" | "unknown-service" | "filtered-out" | "expired";
  readonly message: string;
  readonly hint: string;
  /** For "other-window": where there is something, Unix milliseconds. */
  readonly nearest?: TimeWindow;
  /** For "unknown-service": the nearest names that exist. */
  readonly suggestions?: readonly string[];
}

/** A list that may have been cut at its limit, never silently. */
export interface Page<T> {
  readonly items: readonly T[];
  /** True when more exist than `items` holds. */
  readonly truncated: boolean;
  /** Only when `items` is empty. */
  readonly empty?: EmptyReason;
}
