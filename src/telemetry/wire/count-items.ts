import { MalformedWireError } from "./malformed.ts";
import { readVarintNumber, varintEnd } from "./number.ts";
import type { Signal } from "./signal.ts";

/**
 * Field numbers from the root to the items, a bit set per level (bit n = field n). An item of a metric is a data point, in
 * whichever of its five fields.
 */
const metricTypes = (1 << 5) | (1 << 7) | (1 << 9) | (1 << 10) | (1 << 11);
const shallow: readonly number[] = [1 << 1, 1 << 2, 1 << 2];
export const itemPaths: Readonly<Record<Signal, readonly number[]>> = {
  traces: shallow,
  logs: shallow,
  metrics: [...shallow, metricTypes, 1 << 1],
};

/** Number of spans, data points or log records. Never throws: counts up to the first malformed place of each message. */
export function countItems(signal: Signal, bytes: Uint8Array): number {
  return countIn(bytes, 0, bytes.length, itemPaths[signal], 0);
}

/** Items in the message [start, end) that lies `level` levels below the root. */
export function countIn(
  bytes: Uint8Array,
  start: number,
  end: number,
  path: readonly number[],
  level: number,
): number {
  const wanted = path[level];
  if (wanted === undefined) return 1;
  let count = 0;
  let position = start;
  try {
    while (position < end) {
      const tagEnd = varintEnd(bytes, position, end);
      const tag = readVarintNumber(bytes, position, tagEnd);
      switch (tag & 7) {
        case 0:
          position = varintEnd(bytes, tagEnd, end);
          break;
        case 1:
          position = tagEnd + 8;
          break;
        case 2: {
          const valueStart = varintEnd(bytes, tagEnd, end);
          position = valueStart + readVarintNumber(bytes, tagEnd, valueStart);
          if (position > end) return count;
          if (tag < 256 && (wanted & (1 << (tag >>> 3))) !== 0) {
            count += level === path.length - 1 ? 1 : countIn(bytes, valueStart, position, path, level + 1);
          }
          break;
        }
        case 5:
          position = tagEnd + 4;
          break;
        default:
          return count;
      }
    }
  } catch (error) {
    if (!(error instanceof MalformedWireError)) throw error;
  }
  return count;
}
