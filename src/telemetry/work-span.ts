/** Values that a step of work is described by. */
export type WorkAttributes = Readonly<Record<string, string | number>>;

/**
 * One step of Otelier's own work on a batch, of the few that are sampled for own traces. Steps may begin and end after the one they belong to: an insert
 * comes after the answer.
 */
export interface WorkSpan {
  /** Begins a step of this one. */
  child(name: string, attributes?: WorkAttributes): WorkSpan;
  /** Adds what is known by now. */
  note(attributes: WorkAttributes): void;
  /** Ends it, with the error that ended it if one did. Only the first call counts. */
  end(error?: unknown): void;
}

/** Does `step` as a child of `parent`, when there is one. */
export async function inSpan<T>(
  parent: WorkSpan | undefined,
  name: string,
  step: () => Promise<T>,
): Promise<T> {
  if (parent === undefined) return step();
  const span = parent.child(name);
  try {
    const result = await step();
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
