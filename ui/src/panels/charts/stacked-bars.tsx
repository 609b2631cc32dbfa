import { useMemo, useState, type ReactElement } from "react";
import { formatCount, formatDayClock } from "../../design/format.ts";
import { Dot } from "../../design/controls.tsx";
import { ChartFrame, useFrame } from "./chart-frame.tsx";
import { stackedBarPaths, stackedMax } from "./paths.ts";
import { valueTicks } from "./scale.ts";
import { useDrag } from "./use-drag.ts";

export interface BarSeries {
  readonly name: string;
  readonly colour: string;
  readonly counts: readonly number[];
}

interface StackedBarsProps {
  readonly title: string;
  readonly startMs: number;
  readonly stepMs: number;
  /** Equal lengths; drawn from the ground up. */
  readonly series: readonly BarSeries[];
  readonly height: number;
  readonly onZoom: (startMs: number, endMs: number) => void;
}

const axisWidth = 44;

/** Counts over time as stacked bars; drag to zoom. */
export function StackedBars(props: StackedBarsProps): ReactElement {
  const { title, startMs, stepMs, series, height, onZoom } = props;
  const frame = useFrame(height, axisWidth);
  const { box } = frame;
  const [hovered, setHovered] = useState<number | undefined>(undefined);
  const steps = series[0]?.counts.length ?? 0;
  const endMs = startMs + steps * stepMs;
  const max = useMemo(() => stackedMax(series.map((entry) => entry.counts)), [series]);
  const ticks = valueTicks(max, 3);
  const top = Math.max(max, 1);
  const bars = useMemo(
    () =>
      stackedBarPaths(
        series.map((entry) => entry.counts),
        box,
        top,
      ),
    [series, box, top],
  );
  const timeAt = (x: number): number => startMs + (x / box.width) * (endMs - startMs);
  const { drag, handlers } = useDrag((span) => onZoom(timeAt(span.fromX), timeAt(span.toX)));

  return (
    <ChartFrame
      title={title}
      frame={frame}
      ticks={ticks.map((tick) => ({ label: formatCount(tick), y: box.height - (tick / top) * box.height }))}
      startMs={startMs}
      endMs={endMs}
      tip={
        hovered === undefined || hovered >= steps ? null : (
          <BarTip
            left={axisWidth + ((hovered + 0.5) / steps) * box.width}
            width={frame.width}
            startMs={startMs + hovered * stepMs}
            series={series}
            index={hovered}
          />
        )
      }
      data={{
        columns: ["Time", ...series.map((entry) => entry.name)],
        rows: () =>
          Array.from({ length: steps }, (_, i) => [
            formatDayClock(startMs + i * stepMs),
            ...series.map((entry) => formatCount(entry.counts[i] ?? 0)),
          ]),
        values: () =>
          Array.from({ length: steps }, (_, i) => [
            new Date(startMs + i * stepMs).toISOString(),
            ...series.map((entry) => entry.counts[i] ?? 0),
          ]),
      }}
    >
      {bars.map((path, i) => (
        <path key={series[i]!.name} d={path} fill={series[i]!.colour} />
      ))}
      {hovered === undefined ? null : (
        <rect
          className="chart-hover"
          x={(hovered / steps) * box.width}
          width={box.width / steps}
          y="0"
          height={box.height}
        />
      )}
      {drag === undefined ? null : (
        <rect className="chart-drag" x={drag.fromX} width={drag.toX - drag.fromX} y="0" height={box.height} />
      )}
      <rect
        className="chart-surface"
        width={box.width}
        height={box.height}
        {...handlers}
        onPointerMove={(event) => {
          handlers.onPointerMove(event);
          const left = event.currentTarget.getBoundingClientRect().left;
          setHovered(
            Math.min(steps - 1, Math.max(0, Math.floor(((event.clientX - left) / box.width) * steps))),
          );
        }}
        onPointerLeave={() => setHovered(undefined)}
      />
    </ChartFrame>
  );
}

function BarTip(props: {
  readonly left: number;
  readonly width: number;
  readonly startMs: number;
  readonly series: readonly BarSeries[];
  readonly index: number;
}): ReactElement {
  const { left, width, startMs, series, index } = props;
  const right = left > width / 2;
  return (
    <div className="chart-tip" style={right ? { right: width - left + 10 } : { left: left + 10 }}>
      <div className="faint number">{formatDayClock(startMs)}</div>
      {series
        .filter((entry) => (entry.counts[index] ?? 0) > 0)
        .toReversed()
        .map((entry) => (
          <div key={entry.name} className="chart-tip-line">
            <Dot colour={entry.colour} />
            <span>{entry.name}</span>
            <span className="number">{formatCount(entry.counts[index] ?? 0)}</span>
          </div>
        ))}
    </div>
  );
}
