/** True for what a client threw because nobody listens at any of the server's addresses, which is known at once and will not be otherwise in a moment. */
export function nobodyListens(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(nobodyListens);
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "ECONNREFUSED") || nobodyListens(error.cause);
}
