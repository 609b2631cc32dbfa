import { useMemo, useState, type ReactElement } from "react";
import { formatClock, formatDuration, trimZeros } from "../../design/format.ts";
import { durationAt, durationScale, placeDuration, type ScatterItem } from "./scatter-model.ts";
import { TimeAxis } from "./time-axis.tsx";
import { useDrag } from "./use-drag.ts";
import { useSize } from "./use-size.ts";

export interface ScatterPoint extends ScatterItem {
  readonly id: string;
  readonly name: string;
  /** CSS colour. */
  readonly colour: string;
  /** Sets the size of the dot. */
  readonly weight: number;
}

interface DurationScatterProps {
  readonly title: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly points: readonly ScatterPoint[];
  readonly height: number;
  readonly onOpen: (id: string) => void;
  readonly onSelect: (selection: {
    startMs: number;
    endMs: number;
    minNano: number;
    maxNano: number;
  }) => void;
}

const axisHeight = 20;
const axisWidth = 56;

/**
 * One dot for each trace, errors ringed in red and square so that colour is not their only mark. Drag over an area to keep those traces.
 * The list below is its table: every dot is a row there.
 */
export function DurationScatter(props: DurationScatterProps): ReactElement {
  const { title, startMs, endMs, points, height, onOpen, onSelect } = props;
  const [ref, size] = useSize();
  const [hovered, setHovered] = useState<ScatterPoint | undefined>(undefined);
  // A trace that matches by a later span may itself have begun before the window.
  const shown = useMemo(
    () => points.filter((point) => point.timeMs >= startMs && point.timeMs <= endMs),
    [points, startMs, endMs],
  );
  const scale = useMemo(() => durationScale(shown), [shown]);
  const box = { width: Math.max(0, size.width - axisWidth - 8), height: height - axisHeight - 8 };
  const { drag, handlers } = useDrag((span) => {
    const timeAt = (x: number): number => startMs + (x / box.width) * (endMs - startMs);
    onSelect({
      startMs: timeAt(span.fromX),
      endMs: timeAt(span.toX),
      minNano: durationAt(scale, 1 - span.toY / box.height),
      maxNano: durationAt(scale, 1 - span.fromY / box.height),
    });
  });
  const x = (point: ScatterItem): number => ((point.timeMs - startMs) / (endMs - startMs)) * box.width;
  const y = (point: ScatterItem): number => (1 - placeDuration(scale, point.durationNano)) * box.height;

  return (
    <figure className="chart" aria-label={title}>
      <div ref={ref} className="chart-plot" style={{ height }}>
        {box.width > 0 ? (
          <svg
            width={size.width}
            height={height}
            role="img"
            aria-label={`${title}; each dot is a row of the list below`}
          >
            <g transform={`translate(${axisWidth} 8)`} {...handlers}>
              {scale.ticks.map((tick) => (
                <g key={tick} className="axis">
                  <line
                    x1="0"
                    x2={box.width}
                    y1={(1 - placeDuration(scale, tick)) * box.height}
                    y2={(1 - placeDuration(scale, tick)) * box.height}
                  />
                  <text x="-8" y={(1 - placeDuration(scale, tick)) * box.height + 4} textAnchor="end">
                    {trimZeros(formatDuration(tick))}
                  </text>
                </g>
              ))}
              <rect className="chart-surface" width={box.width} height={box.height} />
              {shown.map((point) =>
                point.isError ? (
                  <rect
                    key={point.id}
                    className="scatter-dot"
                    x={x(point) - 4}
                    y={y(point) - 4}
                    width="8"
                    height="8"
                    rx="1"
                    fill="var(--error-fill)"
                    onClick={() => onOpen(point.id)}
                    onPointerEnter={() => setHovered(point)}
                    onPointerLeave={() => setHovered(undefined)}
                  />
                ) : (
                  <circle
                    key={point.id}
                    className="scatter-dot"
                    cx={x(point)}
                    cy={y(point)}
                    r={3 + Math.min(4, Math.log10(Math.max(1, point.weight)) * 1.4)}
                    fill={point.colour}
                    fillOpacity="0.8"
                    onClick={() => onOpen(point.id)}
                    onPointerEnter={() => setHovered(point)}
                    onPointerLeave={() => setHovered(undefined)}
                  />
                ),
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
              <TimeAxis startMs={startMs} endMs={endMs} width={box.width} y={box.height} />
            </g>
          </svg>
        ) : null}
        {hovered === undefined ? null : (
          <div
            className="chart-tip"
            style={
              x(hovered) > box.width / 2
                ? { right: size.width - axisWidth - x(hovered) + 12 }
                : { left: axisWidth + x(hovered) + 12 }
            }
          >
            <div className="ellipsis">{hovered.name}</div>
            <div className="number soft">
              {formatDuration(hovered.durationNano)} at {formatClock(hovered.timeMs, true)}
            </div>
          </div>
        )}
      </div>
    </figure>
  );
}
