/** Dragging over a chart and clicking on it: pixels from the left and top of the plot, clipped to it. */
import { useRef, useState, type PointerEvent } from "react";

export interface Drag {
  readonly fromX: number;
  readonly toX: number;
  readonly fromY: number;
  readonly toY: number;
}

export interface DragHandlers {
  readonly onPointerDown: (event: PointerEvent<Element>) => void;
  readonly onPointerMove: (event: PointerEvent<Element>) => void;
  readonly onPointerUp: (event: PointerEvent<Element>) => void;
  readonly onPointerCancel: () => void;
}

/** `onDrag` gets spans of at least 4 px; less is a click. The element that takes the handlers is the plot. */
export function useDrag(
  onDrag: (drag: Drag) => void,
  onClick?: (x: number, y: number) => void,
): {
  readonly drag: Drag | undefined;
  readonly handlers: DragHandlers;
} {
  const [drag, setDrag] = useState<Drag | undefined>(undefined);
  const start = useRef<{ x: number; y: number } | undefined>(undefined);

  function place(event: PointerEvent<Element>): { x: number; y: number } {
    const box = event.currentTarget.getBoundingClientRect();
    return {
      x: Math.min(box.width, Math.max(0, event.clientX - box.left)),
      y: Math.min(box.height, Math.max(0, event.clientY - box.top)),
    };
  }
  function spanTo(event: PointerEvent<Element>): Drag | undefined {
    if (start.current === undefined) return undefined;
    const { x, y } = place(event);
    return {
      fromX: Math.min(start.current.x, x),
      toX: Math.max(start.current.x, x),
      fromY: Math.min(start.current.y, y),
      toY: Math.max(start.current.y, y),
    };
  }
  return {
    drag,
    handlers: {
      onPointerDown(event) {
        if (event.button !== 0) return;
        start.current = place(event);
      },
      onPointerMove(event) {
        const span = spanTo(event);
        if (span === undefined || span.toX - span.fromX < 4) return;
        // Captured only now, so that a plain click still reaches what lies under the pointer.
        if (drag === undefined) event.currentTarget.setPointerCapture(event.pointerId);
        setDrag(span);
      },
      onPointerUp(event) {
        const span = spanTo(event);
        start.current = undefined;
        setDrag(undefined);
        if (span === undefined) return;
        if (span.toX - span.fromX >= 4) onDrag(span);
        else onClick?.(span.toX, span.toY);
      },
      onPointerCancel() {
        start.current = undefined;
        setDrag(undefined);
      },
    },
  };
}
