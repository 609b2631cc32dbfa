/** Keeps a list at its end while new rows come, until the person scrolls up. */
import { useLayoutEffect, useRef, type RefObject, type UIEvent } from "react";

export interface Follow {
  readonly following: boolean;
  readonly onFollow: (following: boolean) => void;
}

/** Closer to the end than this, in pixels, is at the end. */
const nearEnd = 12;

/** `height`: of all rows. The function returned is the scroller's onScroll; undefined `follow` does nothing. */
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  follow: Follow | undefined,
  height: number,
  rows: unknown,
): (event: UIEvent<HTMLElement>) => void {
  const lastTop = useRef(0);
  const following = follow?.following === true;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!following || box === null) return;
    box.scrollTo({ top: box.scrollHeight });
    lastTop.current = box.scrollTop;
  }, [scroller, following, height, rows]);
  return (event) => {
    if (event.target !== event.currentTarget || follow === undefined) return;
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    const left = scrollHeight - clientHeight - scrollTop;
    // Rows that grow leave the end behind without anyone's wish: only a way up is one.
    if (following && scrollTop < lastTop.current && left > nearEnd) follow.onFollow(false);
    if (!following && scrollTop > lastTop.current && left <= nearEnd) follow.onFollow(true);
    lastTop.current = scrollTop;
  };
}
