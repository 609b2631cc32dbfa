/** Moves the keyboard's focus to a row that may not be in the document yet. */
import { useEffect, useRef, type RefObject } from "react";

/**
 * Returns a function that asks for the focus on the row of that index. It is given in the same turn when the row is in the document, so that
 * the next key acts on it; else after the drawing that brings the row in, unless the person has gone elsewhere by then. `find` gives the
 * row's element inside `container`, or null.
 */
export function useRowFocus(
  container: RefObject<HTMLElement | null>,
  find: (container: HTMLElement, row: number) => HTMLElement | null,
): (row: number) => void {
  const wanted = useRef(-1);
  const askedAt = useRef<Element | null>(null);
  const give = (): void => {
    if (wanted.current < 0 || container.current === null) return;
    // The body has the focus when the row that had it was scrolled away.
    const { activeElement } = document;
    if (activeElement !== askedAt.current && activeElement !== document.body) {
      wanted.current = -1;
      return;
    }
    const element = find(container.current, wanted.current);
    if (element === null) return;
    wanted.current = -1;
    element.focus({ preventScroll: true });
  };
  useEffect(give);
  return (row) => {
    wanted.current = row;
    askedAt.current = document.activeElement;
    give();
  };
}
