import { once } from "node:events";
import type { Writable } from "node:stream";

/**
 * Sends the pieces of an iterable at the speed of the reader, then ends the stream. When the reader leaves, the iterable's `return` is called; when
 * the iterable throws, the stream is destroyed, so that the reader does not take a part for the whole.
 */
export async function writePieces(
  stream: Writable,
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
        stream.end();
        return;
      }
      if (!stream.write(step.value)) await Promise.race([once(stream, "drain"), leave]);
    }
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
