/** Where the pieces of an answer go. */
export interface PieceSink {
  /** Resolves when there is room for more; never rejects. */
  write(piece: string | Uint8Array): Promise<void> | undefined;
  end(): void;
  /** Tells the reader that the rest is missing. */
  fail(error: unknown): void;
}

/**
 * Sends the pieces of an iterable at the speed of the reader, then ends the answer. When the reader leaves, the iterable's `return` is called; when
 * the iterable throws, it is broken off, so that the reader does not take a part for the whole.
 */
export async function writePieces(
  sink: PieceSink,
  pieces: AsyncIterable<string | Uint8Array>,
  left: AbortSignal,
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  const leave = new Promise<undefined>((resolve) => {
    if (left.aborted) resolve(undefined);
    else left.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  try {
    for (;;) {
      const step = await Promise.race([iterator.next(), leave]);
      if (step === undefined) {
        // Not awaited: a generator that waits for its next value returns only after it.
        iterator.return?.()?.catch(() => undefined);
        return;
      }
      if (step.done === true) {
        sink.end();
        return;
      }
      const room = sink.write(step.value);
      if (room !== undefined) await Promise.race([room, leave]);
    }
  } catch (error) {
    sink.fail(error);
  }
}
