/** Severity classes of the log data model: four numbers each, from 1. */
export type SeverityClass = "unspecified" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";

const severityClasses: readonly SeverityClass[] = [
  "unspecified",
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
];

/** Class of a severity number (0 to 24; anything else is unspecified). */
export function severityClass(number: number): SeverityClass {
  if (!(number >= 1 && number <= 24)) return "unspecified";
  return severityClasses[Math.floor((number - 1) / 4) + 1] ?? "unspecified";
}

/** The lowest number of a class; undefined for "" and "unspecified": no bound. */
export function leastSeverity(name: string): number | undefined {
  const index = severityClasses.indexOf(name as SeverityClass);
  return index < 1 ? undefined : (index - 1) * 4 + 1;
}

export interface SeverityShare {
  readonly name: SeverityClass;
  readonly count: number;
}

/** The classes that records are of, most records first, ties by the worse. `counts`: one a class, as the store has them. */
export function severityShares(counts: readonly number[]): readonly SeverityShare[] {
  return severityClasses
    .map((name, i) => ({ name, count: counts[i] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toReversed()
    .toSorted((a, b) => b.count - a.count);
}
