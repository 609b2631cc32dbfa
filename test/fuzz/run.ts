import { setImmediate } from "node:timers/promises";
import { seededRandom } from "../../src/base/random.ts";
import type { Target } from "./targets.ts";

export interface FuzzRun {
  readonly inputs: number;
  readonly longestMs: number;
}

/** An input that takes longer hangs, whatever the machine is busy with. */
const hangMs = 60_000;

/**
 * Feeds inputs `first`, `first + 1`, ... while `goOn` says so; the number of an input is its seed. As many at once as the target takes. Throws with what
 * repeats a failure.
 */
export async function fuzz(target: Target, first: number, goOn: (done: number) => boolean): Promise<FuzzRun> {
  let longestMs = 0;
  let started = 0;
  const feed = async (): Promise<void> => {
    while (goOn(started)) {
      const number = first + started++;
      // What was closed is freed between the turns of the event loop, which promises alone never end.
      if (started % 64 === 0) await setImmediate();
      const input = target.make(seededRandom(number));
      const since = performance.now();
      try {
        const taken = target.take(input);
        if (taken !== undefined) await settled(taken);
        const tookMs = performance.now() - since;
        if (tookMs > hangMs) throw new Error(`took ${Math.round(tookMs)} ms`);
        longestMs = Math.max(longestMs, tookMs);
      } catch (error) {
        throw new Error(`${target.name}, input ${number}: ${input.toString("base64")}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: target.atOnce ?? 1 }, feed));
  return { inputs: started, longestMs };
}

async function settled(taken: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${hangMs} ms`)), hangMs);
  });
  try {
    await Promise.race([taken, hang]);
  } finally {
    clearTimeout(timer);
  }
}
