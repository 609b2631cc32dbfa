import { randomBytes } from "node:crypto";

/** Randomness as an option, so that tests own it. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** `count` random bytes, a new array. */
  bytes(count: number): Uint8Array;
}

export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (count) => new Uint8Array(randomBytes(count)),
};

/** A small seeded generator (mulberry32) for corpora and tests: equal seeds give equal sequences on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return { next, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) };
}
