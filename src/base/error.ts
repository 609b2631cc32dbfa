/** Whether trying the same thing again can help; decided where the error is made. */
export type Outcome = "retryable" | "permanent";

export interface OtelierErrorOptions {
  readonly code: string;
  readonly outcome: Outcome;
  readonly cause?: unknown;
  /** For retryable errors: how long the other side asked to be left alone. */
  readonly retryAfterMs?: number;
  /** gRPC status code (0 to 16) that crossed the wire with this error, when one did. */
  readonly grpcStatus?: number;
  /**
   * Set when only so many items of the batch were refused for good and all others were taken. The error is permanent (nothing may be sent
   * again) and receivers answer it with partial success.
   */
  readonly rejectedItems?: number;
}

/**
 * A failed operation. `message` reads "cannot <do> <what>: <why>"; each level that wraps adds only where it happened.
 * `code` is stable and kebab-case. The retry loop and the OTLP status mapping read `outcome`.
 */
export class OtelierError extends Error {
  override readonly name = "OtelierError";
  readonly code: string;
  readonly outcome: Outcome;
  readonly retryAfterMs: number | undefined;
  readonly grpcStatus: number | undefined;
  readonly rejectedItems: number | undefined;

  constructor(message: string, options: OtelierErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.outcome = options.outcome;
    this.retryAfterMs = options.retryAfterMs;
    this.grpcStatus = options.grpcStatus;
    this.rejectedItems = options.rejectedItems;
  }
}

/** True only for errors that were marked permanent where they were made; an unknown error may be retried. */
export function isPermanent(error: unknown): boolean {
  return error instanceof OtelierError && error.outcome === "permanent";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  // A name with several addresses is tried at each of them, and what they said has no message of its own.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
