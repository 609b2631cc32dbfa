/**
 * Tells a component's own failure from one that came to it from further down: whoever has counted an error, or joined several, notes it here. Errors are
 * made anew for each failure, so identity is enough.
 */
const counted = new WeakSet<object>();

export function noteCounted(error: unknown): void {
  if (typeof error === "object" && error !== null) counted.add(error);
}

export function wasCounted(error: unknown): boolean {
  return typeof error === "object" && error !== null && counted.has(error);
}
