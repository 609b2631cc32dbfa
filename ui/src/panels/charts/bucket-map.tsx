import { useMemo, type ReactElement } from "react";
import type { MetricHeatmap } from "../../../../src/api/explore/wire.ts";
import { formatCount, formatDayClock, trimZeros } from "../../design/format.ts";
import { bucketTicks, edgeText, filledRows } from "./bucket-map-model.ts";
import { HeatGrid } from "./heat-grid.tsx";

interface BucketMapProps {
  readonly title: string;
  readonly map: MetricHeatmap;
  readonly height: number;
  readonly format: (value: number) => string;
  readonly onZoom: (startMs: number, endMs: number) => void;
}

const pixelsForMark = 18;

/** What a histogram observed by time and bucket, each bucket equally high. Drag to zoom in time. */
export function BucketMap(props: BucketMapProps): ReactElement {
  const { title, map, height, format, onZoom } = props;
  const { edges } = map;
  const rows = useMemo(() => filledRows(map), [map]);
  const ticks = bucketTicks(edges, rows, (value) => trimZeros(format(value)), height / pixelsForMark);
  const timeOf = (cell: number): number => map.startMs + map.step[cell]! * map.stepMs;
  return (
    <HeatGrid
      title={title}
      cells={map}
      rows={rows}
      ticks={ticks}
      height={height}
      axisWidth={72}
      onSelect={({ startMs, endMs }) => onZoom(startMs, endMs)}
      tip={(cell) => (
        <>
          <div className="faint number">{formatDayClock(timeOf(cell))}</div>
          <div className="number">{edgeText(edges, map.row[cell]!, format)}</div>
          <div className="number">{observed(map.count[cell]!)}</div>
        </>
      )}
      data={{
        columns: ["Time", "Above", "Up to", "Observations"],
        rows: () =>
          map.step.map((_, i) => [
            formatDayClock(timeOf(i)),
            ...[map.row[i]!, map.row[i]! + 1].map((at) => {
              const edge = edges[at];
              return edge === null || edge === undefined ? "–" : format(edge);
            }),
            formatCount(map.count[i]!),
          ]),
        values: () =>
          map.step.map((_, i) => [
            new Date(timeOf(i)).toISOString(),
            edges[map.row[i]!] ?? null,
            edges[map.row[i]! + 1] ?? null,
            map.count[i]!,
          ]),
      }}
    />
  );
}

/** Counts are shared between steps, so they need not be whole. */
function observed(count: number): string {
  const about = Number.isInteger(count) ? "" : "about ";
  return `${about}${count < 1 ? "1" : formatCount(Math.round(count))} observed`;
}
