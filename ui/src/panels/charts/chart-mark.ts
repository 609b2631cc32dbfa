/** A mark that keys move over the cells of a chart. Steps count from the left, rows from the bottom; both inclusive. Pure. */

export interface ChartCells {
  readonly steps: number;
  /** First and last row; charts without rows have one. */
  readonly first: number;
  readonly last: number;
}

interface Cell {
  readonly step: number;
  readonly row: number;
}

/** From where it was begun to where it is; the same cell unless it was stretched. */
export interface ChartMark {
  readonly anchor: Cell;
  readonly at: Cell;
}

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
  ArrowUp: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
};

/** The mark after a key; undefined for a key that moves nothing. The first one puts it on the newest step, in the middle. */
export function moveMark(
  mark: ChartMark | undefined,
  key: string,
  stretch: boolean,
  cells: ChartCells,
): ChartMark | undefined {
  const move = moves[key];
  if (move === undefined || cells.steps === 0) return undefined;
  const [across, up] = move;
  // Where there are no rows the page scrolls.
  if (up !== 0 && cells.first === cells.last) return undefined;
  const clip = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
  if (mark === undefined) {
    const first = { step: key === "Home" ? 0 : cells.steps - 1, row: middle(cells) };
    return { anchor: first, at: first };
  }
  const at = {
    step: clip(mark.at.step + across, 0, cells.steps - 1),
    row: clip(mark.at.row + up, cells.first, cells.last),
  };
  return { anchor: stretch ? mark.anchor : at, at };
}

function middle({ first, last }: ChartCells): number {
  return Math.floor((first + last) / 2);
}

export interface MarkedCells {
  readonly fromStep: number;
  readonly toStep: number;
  readonly fromRow: number;
  readonly toRow: number;
}

/** What the mark covers; ends exclusive. */
export function markedCells({ anchor, at }: ChartMark): MarkedCells {
  return {
    fromStep: Math.min(anchor.step, at.step),
    toStep: Math.max(anchor.step, at.step) + 1,
    fromRow: Math.min(anchor.row, at.row),
    toRow: Math.max(anchor.row, at.row) + 1,
  };
}
