/** What one scenario found, for the terminal and for docs/faults.md. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly figures: Readonly<Record<string, string | number>>;
  /** Why it was not run. */
  readonly skipped?: string;
}
