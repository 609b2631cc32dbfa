import { useMemo, type ReactElement } from "react";
import type { MetricHeatmap } from "../../../../src/api/explore/wire.ts";
import { filledRows } from "./bucket-map-model.ts";
import { heatPaths } from "./heat-map-model.ts";
import { HeatShades } from "./heat-shades.tsx";

/** A small heat map of a histogram's buckets without axes. Decorative, as a sparkline: the figures stand beside it. */
export function HeatStrip(props: {
  /** Undefined until it comes: the room is kept. */
  readonly map: MetricHeatmap | undefined;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const { map, width, height } = props;
  const cells = useMemo(
    () => (map === undefined ? [] : heatPaths(map, filledRows(map), { width, height }).cells),
    [map, width, height],
  );
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      style={{ width, height }}
      aria-hidden="true"
    >
      <HeatShades cells={cells} />
    </svg>
  );
}
