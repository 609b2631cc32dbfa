import { useMemo, useRef, useState, type ReactElement } from "react";
import type { DurationHeatmap } from "../../../../src/api/explore/wire.ts";
import { formatClock, formatCount, formatDayClock, formatDuration, trimZeros } from "../../design/format.ts";
import {
  cellAt,
  heatPaths,
  heatRows,
  heatTicks,
  nanoAt,
  placeOf,
  rowStart,
  shades,
} from "./heat-map-model.ts";
import { ShowData } from "./show-data.tsx";
import { TimeAxis } from "./time-axis.tsx";
import { useDrag } from "./use-drag.ts";
import { useSize } from "./use-size.ts";

export interface HeatArea {
  readonly startMs: number;
  readonly endMs: number;
  readonly minNano: number;
  readonly maxNano: number;
}

interface HeatMapProps {
  readonly title: string;
  readonly map: DurationHeatmap;
  readonly height: number;
  /** Drawn as a frame. */
  readonly selected?: HeatArea | undefined;
  readonly onSelect: (area: HeatArea) => void;
}

const axisHeight = 20;
const axisWidth = 52;

/** Spans by time and duration, darker where there are more; the failed share in red at the foot of a cell. Drag over an area, or click a cell. */
export function HeatMap(props: HeatMapProps): ReactElement {
  const { title, map, height, selected, onSelect } = props;
  const [ref, size] = useSize();
  const [hovered, setHovered] = useState(-1);
  // A click follows the end of a drag: it means nothing then.
  const dragged = useRef(false);
  const width = Math.max(0, size.width - axisWidth);
  const box = useMemo(() => ({ width, height: height - axisHeight - 6 }), [width, height]);
  const rows = useMemo(() => heatRows(map), [map]);
  const paths = useMemo(() => heatPaths(map, rows, box), [map, rows, box]);
  const endMs = map.startMs + map.steps * map.stepMs;
  const timeAt = (x: number): number => map.startMs + (x / box.width) * (endMs - map.startMs);
  const xOf = (ms: number): number => ((ms - map.startMs) / (endMs - map.startMs)) * box.width;
  const yOf = (nano: number): number => (1 - placeOf(rows, nano)) * box.height;
  const { drag, handlers } = useDrag((area) => {
    dragged.current = true;
    onSelect({
      startMs: timeAt(area.fromX),
      endMs: timeAt(area.toX),
      minNano: nanoAt(rows, 1 - area.toY / box.height),
      maxNano: nanoAt(rows, 1 - area.fromY / box.height),
    });
  });
  const cellArea = (cell: number): HeatArea => ({
    startMs: map.startMs + map.step[cell]! * map.stepMs,
    endMs: map.startMs + (map.step[cell]! + 1) * map.stepMs,
    minNano: rowStart(map.row[cell]!),
    maxNano: rowStart(map.row[cell]! + 1),
  });

  return (
    <figure className="chart" aria-label={title}>
      <div ref={ref} className="chart-plot" style={{ height }}>
        {box.width > 0 ? (
          <svg
            width={size.width}
            height={height}
            role="img"
            aria-label={`${title}, the data follows as a table`}
          >
            <g transform={`translate(${axisWidth} 6)`}>
              {heatTicks(rows).map(({ nano, place }) => (
                <g key={nano} className="axis">
                  <line x1="0" x2={box.width} y1={(1 - place) * box.height} y2={(1 - place) * box.height} />
                  <text x="-8" y={(1 - place) * box.height + 4} textAnchor="end">
                    {trimZeros(formatDuration(nano))}
                  </text>
                </g>
              ))}
              {paths.cells.map((path, shade) => (
                <path
                  key={shade}
                  className="heat-cell"
                  d={path}
                  fillOpacity={0.22 + (0.78 * shade) / (shades - 1)}
                />
              ))}
              <path className="heat-errors" d={paths.errors} />
              {selected === undefined ? null : <SelectedArea area={selected} box={box} xOf={xOf} yOf={yOf} />}
              {drag === undefined ? null : (
                <rect
                  className="chart-drag"
                  x={drag.fromX}
                  width={drag.toX - drag.fromX}
                  y={drag.fromY}
                  height={Math.max(1, drag.toY - drag.fromY)}
                />
              )}
              <TimeAxis startMs={map.startMs} endMs={endMs} width={box.width} y={box.height} />
              <rect
                className="chart-surface heat-surface"
                width={box.width}
                height={box.height}
                {...handlers}
                onPointerDown={(event) => {
                  dragged.current = false;
                  handlers.onPointerDown(event);
                }}
                onPointerMove={(event) => {
                  handlers.onPointerMove(event);
                  const place = event.currentTarget.getBoundingClientRect();
                  setHovered(cellAt(map, rows, box, event.clientX - place.left, event.clientY - place.top));
                }}
                onPointerLeave={() => setHovered(-1)}
                onClick={() => {
                  if (!dragged.current && map.step[hovered] !== undefined) onSelect(cellArea(hovered));
                }}
              />
            </g>
          </svg>
        ) : null}
        {map.step[hovered] === undefined ? null : (
          <CellTip
            map={map}
            cell={hovered}
            area={cellArea(hovered)}
            left={axisWidth + xOf(cellArea(hovered).endMs)}
            width={size.width}
          />
        )}
      </div>
      <ShowData
        title={title}
        data={{
          columns: ["Time", "From", "To", "Spans", "Failed"],
          rows: () =>
            map.step.map((step, i) => [
              formatDayClock(map.startMs + step * map.stepMs),
              formatDuration(rowStart(map.row[i]!)),
              formatDuration(rowStart(map.row[i]! + 1)),
              formatCount(map.count[i]!),
              formatCount(map.errorCount[i]!),
            ]),
        }}
      />
    </figure>
  );
}

function SelectedArea(props: {
  readonly area: HeatArea;
  readonly box: { readonly width: number; readonly height: number };
  readonly xOf: (ms: number) => number;
  readonly yOf: (nano: number) => number;
}): ReactElement {
  const { area, box, xOf, yOf } = props;
  const left = Math.min(box.width, Math.max(0, xOf(area.startMs)));
  const right = Math.min(box.width, Math.max(0, xOf(area.endMs)));
  const top = Math.min(box.height, Math.max(0, yOf(area.maxNano)));
  const bottom = Math.min(box.height, Math.max(0, yOf(area.minNano)));
  return (
    <rect
      className="heat-selected"
      x={left}
      y={top}
      width={Math.max(2, right - left)}
      height={Math.max(2, bottom - top)}
    />
  );
}

function CellTip(props: {
  readonly map: DurationHeatmap;
  readonly cell: number;
  readonly area: HeatArea;
  readonly left: number;
  readonly width: number;
}): ReactElement {
  const { map, cell, area, left, width } = props;
  return (
    <div className="chart-tip" style={left > width / 2 ? { right: width - left + 24 } : { left: left + 8 }}>
      <div className="faint number">{formatClock(area.startMs)}</div>
      <div className="number">
        {formatDuration(area.minNano)} – {formatDuration(area.maxNano)}
      </div>
      <div className="number">
        {formatCount(map.count[cell]!)} spans
        {map.errorCount[cell]! > 0 ? (
          <span className="error-text">, {formatCount(map.errorCount[cell]!)} failed</span>
        ) : null}
      </div>
    </div>
  );
}
