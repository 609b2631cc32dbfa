import { useCallback, useLayoutEffect, useState, type RefObject } from "react";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The content size of the element that takes the ref, whole pixels; zero until measured. */
export function useSize(): readonly [(element: HTMLElement | null) => void | (() => void), Size] {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver((entries) => {
      const box = entries[0]?.contentRect;
      if (box === undefined) return;
      const next = { width: Math.floor(box.width), height: Math.floor(box.height) };
      setSize((before) => (before.width === next.width && before.height === next.height ? before : next));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

/** The same for an element that has a ref of its own. */
export function useElementSize(element: RefObject<HTMLElement | null>): Size {
  const [observe, size] = useSize();
  useLayoutEffect(() => observe(element.current) ?? undefined, [observe, element]);
  return size;
}
