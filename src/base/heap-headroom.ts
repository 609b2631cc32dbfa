import { getHeapStatistics, setFlagsFromString } from "node:v8";
import type { Cancel, Clock } from "./clock.ts";

/** Live heaps change slowly; the growth that is allowed may be that much out of date. */
const renewEveryMs = 2000;
const leastHeapBytes = 8 * 1024 * 1024;
/** V8 is left alone when its own growth, which starts at about this, allows as much. */
const leastPercent = 50;

/**
 * Lets this process make `headroomBytes` of garbage between two full collections, however small its live heap is, until the function returned
 * is called.
 *
 * A process that passes bytes on has a live heap of some 13 MB beside buffers that live for milliseconds. V8 sizes the time between full
 * collections by the live heap and counts the buffers against it, so that it collected every 10 MB received: 45 % of the CPU time of
 * forwarding (bench/forward.ts). A constant amount instead of V8's constant factor costs at most `headroomBytes` of memory at any size of the heap.
 */
export function keepHeapHeadroom(headroomBytes: number, clock: Clock): Cancel {
  let cancel: Cancel = () => undefined;
  const renew = (): void => {
    setFlagsFromString(`--heap-growing-percent=${growthPercent(headroomBytes, liveHeapBytes())}`);
    cancel = clock.schedule(renewEveryMs, renew);
  };
  renew();
  return () => {
    cancel();
    setFlagsFromString("--heap-growing-percent=0");
  };
}

/** What a heap of `liveBytes` may grow by, in percent; 0 leaves it to V8. */
export function growthPercent(headroomBytes: number, liveBytes: number): number {
  const percent = Math.round((headroomBytes * 100) / Math.max(liveBytes, leastHeapBytes));
  return percent < leastPercent ? 0 : percent;
}

/** Live or not yet collected: an upper bound, which makes the growth smaller, never larger than asked for. */
function liveHeapBytes(): number {
  return getHeapStatistics().used_heap_size;
}
