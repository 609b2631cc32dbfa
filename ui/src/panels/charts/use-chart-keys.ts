import { useState, type KeyboardEvent } from "react";
import { markedCells, moveMark, type ChartCells, type ChartMark, type MarkedCells } from "./chart-mark.ts";

export interface ChartKeys {
  /** Of the element that takes the focus. */
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onBlur: () => void;
}

/** Walking a chart by keys: arrows move a mark, with Shift they stretch it, Enter takes what it covers, Escape lets go. */
export function useChartKeys(
  cells: ChartCells,
  onTake: (marked: MarkedCells) => void,
): { readonly mark: ChartMark | undefined; readonly keys: ChartKeys } {
  const [mark, setMark] = useState<ChartMark | undefined>(undefined);
  return {
    // Under live data there may be fewer cells than when the mark was set.
    mark: mark !== undefined && mark.at.step < cells.steps ? mark : undefined,
    keys: {
      onBlur: () => setMark(undefined),
      onKeyDown(event) {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "Enter" && mark !== undefined) onTake(markedCells(mark));
        else if (event.key === "Escape" && mark !== undefined) setMark(undefined);
        else {
          const moved = moveMark(mark, event.key, event.shiftKey, cells);
          if (moved === undefined) return;
          setMark(moved);
        }
        event.preventDefault();
        event.stopPropagation();
      },
    },
  };
}
