/** The first one fetches what the second one needs from memory. */
const readings = 2;

/**
 * How far one clock is ahead of another, both in nanoseconds. The reading of the first is put in the middle between two of the second, of which a stop of our
 * process or slow code may lie between them: those count that are closest together, so the error is half of what lies between these at most.
 */
export function clockAheadNs(ahead: () => bigint, behind: () => bigint): bigint {
  let best = { widthNs: -1n, aheadNs: 0n };
  for (let reading = 0; reading < readings; reading++) {
    const before = behind();
    const now = ahead();
    const widthNs = behind() - before;
    if (best.widthNs < 0n || widthNs < best.widthNs) best = { widthNs, aheadNs: now - before - widthNs / 2n };
  }
  return best.aheadNs;
}
