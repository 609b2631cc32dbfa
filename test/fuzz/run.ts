import { seededRandom } from "../../src/base/random.ts";
import type { Target } from "./targets.ts";

export interface FuzzRun {
  readonly inputs: number;
  readonly longestMs: number;
}

/** Feeds inputs `first`, `first + 1`, ... while `goOn` says so; the number of an input is its seed. Throws with what repeats a failure. */
export async function fuzz(target: Target, first: number, goOn: (done: number) => boolean): Promise<FuzzRun> {
  let longestMs = 0;
  let done = 0;
  for (; goOn(done); done++) {
    const input = target.make(seededRandom(first + done));
    const started = performance.now();
    try {
      const taken = target.take(input);
      if (taken !== undefined) await taken;
    } catch (error) {
      throw new Error(`${target.name}, input ${first + done}: ${input.toString("base64")}`, { cause: error });
    }
    longestMs = Math.max(longestMs, performance.now() - started);
  }
  return { inputs: done, longestMs };
}
