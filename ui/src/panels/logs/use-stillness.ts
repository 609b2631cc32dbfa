/** Holds a list where it is on the screen while rows come in above what is read. */
import { useLayoutEffect, useRef, type RefObject } from "react";
import type { VirtualItem, Virtualizer } from "@tanstack/react-virtual";

interface Shown {
  readonly keys: readonly string[];
  readonly items: readonly VirtualItem[];
}

/**
 * The first open row in sight stays where it is; without one, the first row in sight, unless the list stands at its start, where new rows are to be
 * seen. `keys`: of all rows, another array when the rows are others. Does nothing while the list `follows` its end.
 */
export function useStillness(
  scroller: RefObject<HTMLElement | null>,
  virtual: Virtualizer<HTMLDivElement, Element>,
  keys: readonly string[],
  open: ReadonlySet<string>,
  follows: boolean,
): void {
  const before = useRef<Shown>({ keys, items: [] });
  // After each rendering: what was shown last is what the next rows are measured against.
  useLayoutEffect(() => {
    const shown = before.current;
    before.current = { keys, items: virtual.getVirtualItems() };
    const box = scroller.current;
    if (shown.keys === keys || follows || box === null) return;
    const top = box.scrollTop;
    const inSight = shown.items.filter(({ start, end }) => end > top && start < top + box.clientHeight);
    const held = inSight.find(({ key }) => open.has(String(key))) ?? (top > 0 ? inSight[0] : undefined);
    const index = held === undefined ? -1 : keys.indexOf(String(held.key));
    const start = virtual.measurementsCache[index]?.start;
    if (held !== undefined && start !== undefined && start !== held.start)
      box.scrollTo({ top: top + start - held.start });
  });
}
