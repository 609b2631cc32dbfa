import { useMemo, useState, type ReactElement, type ReactNode } from "react";
import { ChartFrame, useFrame } from "./chart-frame.tsx";
import { markedCells, type MarkedCells } from "./chart-mark.ts";
import { HeatShades } from "./heat-shades.tsx";
import { cellAt, cellOf, heatPaths, type HeatCells, type HeatRows } from "./heat-map-model.ts";
import type { DataTable } from "./show-data.tsx";
import { useChartKeys } from "./use-chart-keys.ts";
import { useDrag } from "./use-drag.ts";

/** Part of a heat map: times, and rows counted from row 0 of its cells, which need not be whole. */
export interface GridArea {
  readonly startMs: number;
  readonly endMs: number;
  readonly fromRow: number;
  readonly toRow: number;
}

export interface GridTick {
  readonly label: string;
  /** Where its line is, in rows. */
  readonly row: number;
}

interface HeatGridProps {
  readonly title: string;
  readonly cells: HeatCells;
  readonly rows: HeatRows;
  readonly ticks: readonly GridTick[];
  readonly height: number;
  /** Drawn as a frame. */
  readonly selected?: GridArea | undefined;
  readonly onSelect: (area: GridArea) => void;
  /** What stands over the cell under the pointer. */
  readonly tip: (cell: number) => ReactNode;
  readonly data: DataTable;
  /** Pixels for the marks of the rows. */
  readonly axisWidth?: number;
}

/** Cells by time and row, darker where there are more; the failed share in red at the foot of a cell. Drag over an area, or click a cell. */
export function HeatGrid(props: HeatGridProps): ReactElement {
  const { title, cells, rows, height, selected, onSelect, axisWidth = 52 } = props;
  const frame = useFrame(height, axisWidth);
  const { box } = frame;
  const [hovered, setHovered] = useState(-1);
  const paths = useMemo(() => heatPaths(cells, rows, box), [cells, rows, box]);
  const endMs = cells.startMs + cells.steps * cells.stepMs;
  const rowCount = rows.last + 1 - rows.first;
  const timeAt = (x: number): number => cells.startMs + (x / box.width) * (endMs - cells.startMs);
  const rowAt = (y: number): number => rows.first + (1 - y / box.height) * rowCount;
  const xOf = (ms: number): number => ((ms - cells.startMs) / (endMs - cells.startMs)) * box.width;
  const yOf = (row: number): number => (1 - (row - rows.first) / rowCount) * box.height;
  const cellArea = (cell: number): GridArea => ({
    startMs: cells.startMs + cells.step[cell]! * cells.stepMs,
    endMs: cells.startMs + (cells.step[cell]! + 1) * cells.stepMs,
    fromRow: cells.row[cell]!,
    toRow: cells.row[cell]! + 1,
  });
  const { drag, handlers } = useDrag(
    (area) =>
      onSelect({
        startMs: timeAt(area.fromX),
        endMs: timeAt(area.toX),
        fromRow: rowAt(area.toY),
        toRow: rowAt(area.fromY),
      }),
    (x, y) => {
      const cell = cellAt(cells, rows, box, x, y);
      if (cell >= 0) onSelect(cellArea(cell));
    },
  );
  const markedArea = (marked: MarkedCells): GridArea => ({
    startMs: cells.startMs + marked.fromStep * cells.stepMs,
    endMs: cells.startMs + marked.toStep * cells.stepMs,
    fromRow: marked.fromRow,
    toRow: marked.toRow,
  });
  const { mark, keys } = useChartKeys({ steps: cells.steps, ...rows }, (marked) =>
    onSelect(markedArea(marked)),
  );
  const told = mark === undefined ? hovered : cellOf(cells, mark.at.step, mark.at.row);

  return (
    <ChartFrame
      title={title}
      frame={frame}
      ticks={props.ticks.map(({ label, row }) => ({ label, y: yOf(row) }))}
      startMs={cells.startMs}
      endMs={endMs}
      keys={keys}
      does="selects"
      data={props.data}
      tip={
        cells.step[told] === undefined ? null : (
          <CellTip left={axisWidth + xOf(cellArea(told).endMs)} width={frame.width}>
            {props.tip(told)}
          </CellTip>
        )
      }
    >
      <HeatShades cells={paths.cells} />
      <path className="heat-errors" d={paths.errors} />
      {selected === undefined ? null : (
        <Area className="heat-selected" area={selected} box={box} xOf={xOf} yOf={yOf} />
      )}
      {mark === undefined ? null : (
        <Area className="chart-mark" area={markedArea(markedCells(mark))} box={box} xOf={xOf} yOf={yOf} />
      )}
      {drag === undefined ? null : (
        <rect
          className="chart-drag"
          x={drag.fromX}
          width={drag.toX - drag.fromX}
          y={drag.fromY}
          height={Math.max(1, drag.toY - drag.fromY)}
        />
      )}
      <rect
        className="chart-surface heat-surface"
        width={box.width}
        height={box.height}
        {...handlers}
        onPointerMove={(event) => {
          handlers.onPointerMove(event);
          const place = event.currentTarget.getBoundingClientRect();
          setHovered(cellAt(cells, rows, box, event.clientX - place.left, event.clientY - place.top));
        }}
        onPointerLeave={() => setHovered(-1)}
      />
    </ChartFrame>
  );
}

function Area(props: {
  readonly className: string;
  readonly area: GridArea;
  readonly box: { readonly width: number; readonly height: number };
  readonly xOf: (ms: number) => number;
  readonly yOf: (row: number) => number;
}): ReactElement {
  const { area, box, xOf, yOf } = props;
  const left = Math.min(box.width, Math.max(0, xOf(area.startMs)));
  const right = Math.min(box.width, Math.max(0, xOf(area.endMs)));
  const top = Math.min(box.height, Math.max(0, yOf(area.toRow)));
  const bottom = Math.min(box.height, Math.max(0, yOf(area.fromRow)));
  return (
    <rect
      className={props.className}
      x={left}
      y={top}
      width={Math.max(2, right - left)}
      height={Math.max(2, bottom - top)}
    />
  );
}

function CellTip(props: {
  readonly left: number;
  readonly width: number;
  readonly children: ReactNode;
}): ReactElement {
  const { left, width } = props;
  return (
    <div
      className="chart-tip"
      role="status"
      style={left > width / 2 ? { right: width - left + 24 } : { left: left + 8 }}
    >
      {props.children}
    </div>
  );
}
