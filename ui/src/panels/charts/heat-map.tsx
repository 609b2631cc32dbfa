import { useMemo, type ReactElement } from "react";
import type { DurationHeatmap } from "../../../../src/api/explore/wire.ts";
import { formatClock, formatCount, formatDayClock, formatDuration, trimZeros } from "../../design/format.ts";
import { HeatGrid } from "./heat-grid.tsx";
import { heatRows, heatTicks, nanoAtRow, rowOf } from "./heat-map-model.ts";

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

/** Spans by time and duration. */
export function HeatMap(props: HeatMapProps): ReactElement {
  const { title, map, height, selected, onSelect } = props;
  const rows = useMemo(() => heatRows(map), [map]);
  const ticks = heatTicks(rows).map((nano) => ({ label: trimZeros(formatDuration(nano)), row: rowOf(nano) }));
  const timeOf = (cell: number): number => map.startMs + map.step[cell]! * map.stepMs;
  return (
    <HeatGrid
      title={title}
      cells={map}
      rows={rows}
      ticks={ticks}
      height={height}
      selected={
        selected === undefined
          ? undefined
          : {
              startMs: selected.startMs,
              endMs: selected.endMs,
              fromRow: rowOf(selected.minNano),
              toRow: rowOf(selected.maxNano),
            }
      }
      onSelect={({ startMs, endMs, fromRow, toRow }) =>
        onSelect({ startMs, endMs, minNano: nanoAtRow(fromRow), maxNano: nanoAtRow(toRow) })
      }
      tip={(cell) => (
        <>
          <div className="faint number">{formatClock(timeOf(cell))}</div>
          <div className="number">
            {formatDuration(nanoAtRow(map.row[cell]!))} – {formatDuration(nanoAtRow(map.row[cell]! + 1))}
          </div>
          <div className="number">
            {formatCount(map.count[cell]!)} spans
            {map.errorCount[cell]! > 0 ? (
              <span className="error-text">, {formatCount(map.errorCount[cell]!)} failed</span>
            ) : null}
          </div>
        </>
      )}
      data={{
        columns: ["Time", "From", "To", "Spans", "Failed"],
        rows: () =>
          map.step.map((_, i) => [
            formatDayClock(timeOf(i)),
            formatDuration(nanoAtRow(map.row[i]!)),
            formatDuration(nanoAtRow(map.row[i]! + 1)),
            formatCount(map.count[i]!),
            formatCount(map.errorCount[i]!),
          ]),
        values: () =>
          map.step.map((_, i) => [
            new Date(timeOf(i)).toISOString(),
            nanoAtRow(map.row[i]!),
            nanoAtRow(map.row[i]! + 1),
            map.count[i]!,
            map.errorCount[i]!,
          ]),
      }}
    />
  );
}
