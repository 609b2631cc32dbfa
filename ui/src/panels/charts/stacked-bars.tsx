import { useMemo, useState, type ReactElement } from "react";
import { formatCount, formatDayClock } from "../../design/format.ts";
import { Dot } from "../../design/controls.tsx";
import { ChartFrame, useFrame } from "./chart-frame.tsx";
import { stackedBarPaths, stackedMax } from "./paths.ts";
import { valueTicks } from "./scale.ts";
import { markedCells } from "./chart-mark.ts";
import { useChartKeys } from "./use-chart-keys.ts";
import { useDrag } from "./use-drag.ts";

export interface BarSeries {
  readonly name: string;
  readonly colour: string;
  readonly counts: readonly number[];
}

export interface StepAction {
  /** "shows a typical trace" */
  readonly does: string;
  readonly take: (startMs: number, endMs: number) => void;
}

interface StackedBarsProps {
  readonly title: string;
  readonly startMs: number;
  readonly stepMs: number;
  /** Equal lengths; drawn from the ground up. */
  readonly series: readonly BarSeries[];
  readonly height: number;
  readonly onZoom: (startMs: number, endMs: number) => void;
  /** A click on one step. */
  readonly onStep?: StepAction;
}

const axisWidth = 44;

/** Counts over time as stacked bars; drag to zoom, click for what the page makes of one step. */
export function StackedBars(props: StackedBarsProps): ReactElement {
  const { title, startMs, stepMs, series, height, onZoom, onStep } = props;
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
  const stepAt = (x: number): number => Math.min(steps - 1, Math.max(0, Math.floor((x / box.width) * steps)));
  const timeOf = (step: number): number => startMs + step * stepMs;
  const takeSteps = (from: number, to: number): void => {
    if (to - from === 1 && onStep !== undefined) onStep.take(timeOf(from), timeOf(to));
    else onZoom(timeOf(from), timeOf(to));
  };
  const { drag, handlers } = useDrag(
    (span) => onZoom(timeAt(span.fromX), timeAt(span.toX)),
    onStep === undefined ? undefined : (x) => takeSteps(stepAt(x), stepAt(x) + 1),
  );
  const { mark, keys } = useChartKeys({ steps, first: 0, last: 0 }, ({ fromStep, toStep }) =>
    takeSteps(fromStep, toStep),
  );
  const marked = mark === undefined ? undefined : markedCells(mark);
  const told = mark === undefined ? hovered : mark.at.step;

  return (
    <ChartFrame
      title={title}
      frame={frame}
      ticks={ticks.map((tick) => ({ label: formatCount(tick), y: box.height - (tick / top) * box.height }))}
      startMs={startMs}
      endMs={endMs}
      keys={keys}
      does={onStep === undefined ? "zooms" : `${onStep.does}, or zooms to several steps`}
      tip={
        told === undefined || told >= steps ? null : (
          <BarTip
            left={axisWidth + ((told + 0.5) / steps) * box.width}
            width={frame.width}
            startMs={timeOf(told)}
            series={series}
            index={told}
            {...(onStep === undefined ? {} : { does: onStep.does })}
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
      {marked === undefined ? null : (
        <rect
          className="chart-mark"
          x={(marked.fromStep / steps) * box.width}
          width={((marked.toStep - marked.fromStep) / steps) * box.width}
          y="0"
          height={box.height}
        />
      )}
      {told === undefined ? null : (
        <rect
          className="chart-hover"
          x={(told / steps) * box.width}
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
          setHovered(stepAt(event.clientX - left));
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
  readonly does?: string;
}): ReactElement {
  const { left, width, startMs, series, index, does } = props;
  const right = left > width / 2;
  return (
    <div
      className="chart-tip"
      role="status"
      style={right ? { right: width - left + 10 } : { left: left + 10 }}
    >
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
      {does === undefined ? null : <div className="faint">Click {does}</div>}
    </div>
  );
}
