import type { ReactElement } from "react";
import { timeTickLabel, timeTicks } from "./scale.ts";

/** Marks of time under a plot of `width` px. */
export function TimeAxis(props: {
  readonly startMs: number;
  readonly endMs: number;
  readonly width: number;
  readonly y: number;
}): ReactElement {
  const { startMs, endMs, width, y } = props;
  const { ticks, stepMs } = timeTicks(startMs, endMs, Math.max(2, Math.floor(width / 110)));
  return (
    <g className="axis">
      {ticks.map((tick) => {
        const x = ((tick - startMs) / (endMs - startMs)) * width;
        const anchor = x < 24 ? "start" : x > width - 24 ? "end" : "middle";
        return (
          <text key={tick} x={Math.min(width, Math.max(0, x))} y={y + 14} textAnchor={anchor}>
            {timeTickLabel(tick, stepMs)}
          </text>
        );
      })}
    </g>
  );
}
