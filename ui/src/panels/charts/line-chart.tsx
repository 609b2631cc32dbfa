/** Lines over time on uPlot; drag to zoom, exemplars as points that lead to their trace. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactElement } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatDayClock, trimZeros } from "../../design/format.ts";
import type { TokenReader } from "../../design/palette.ts";
import { useTokens } from "../../client/theme.ts";
import { markedCells } from "./chart-mark.ts";
import { lonelyPoints, nearestLine } from "./paths.ts";
import { timeTickLabel, timeTicks } from "./scale.ts";
import { ShowData } from "./show-data.tsx";
import { useChartKeys } from "./use-chart-keys.ts";
import { useSize } from "./use-size.ts";

export interface ChartLine {
  readonly name: string;
  /** Design token. */
  readonly token: string;
  readonly values: readonly (number | null)[];
}

export interface ChartPoint {
  readonly timeMs: number;
  readonly value: number;
  readonly title: string;
  readonly onOpen: () => void;
}

interface LineChartProps {
  readonly title: string;
  readonly timesMs: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly points?: readonly ChartPoint[];
  readonly startMs: number;
  readonly endMs: number;
  readonly height: number;
  readonly format: (value: number) => string;
  readonly onZoom: (startMs: number, endMs: number) => void;
  /** A click on a point of a line; `does` says what it does: "shows a typical trace". */
  readonly onPoint?: { readonly does: string; readonly take: (line: number, index: number) => void };
  /** Line to stress, the rest is dimmed. */
  readonly focused?: number | undefined;
}

function alignedData(timesMs: readonly number[], lines: readonly ChartLine[]): uPlot.AlignedData {
  return [timesMs as number[], ...lines.map((line) => line.values as (number | null)[])];
}

export function LineChart(props: LineChartProps): ReactElement {
  const { timesMs, lines, height, title, format, startMs, endMs, focused } = props;
  const [ref, size] = useSize();
  const holder = useRef<HTMLDivElement>(null);
  const tokens = useTokens();
  const latest = useRef(props);
  const [plot, setPlot] = useState<uPlot | undefined>(undefined);
  // Scales are known only once uPlot has drawn: the points over it follow then.
  const [, setDrawn] = useState(0);
  const [hover, setHover] = useState<{ index: number; left: number } | undefined>(undefined);
  // What the plot is built from; values alone are swapped in place, so that the cursor stays under live data.
  const shape = useMemo(() => lines.map((line) => `${line.token} ${line.name}`), [lines]).join("\n");

  useLayoutEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (holder.current === null || size.width === 0 || shape === "") return undefined;
    const now = latest.current;
    const options = plotOptions({
      props: now,
      size: { width: size.width, height },
      tokens,
      latest: () => latest.current,
      onHover: setHover,
      onDraw: () => setDrawn((count) => count + 1),
    });
    const made = new uPlot(options, alignedData(now.timesMs, now.lines), holder.current);
    setPlot(made);
    return () => {
      setPlot(undefined);
      made.destroy();
    };
  }, [shape, size.width, height, tokens]);

  useEffect(() => {
    if (plot === undefined || plot.series.length !== lines.length + 1) return;
    plot.setData(alignedData(timesMs, lines), false);
    plot.setScale("x", { min: startMs, max: endMs });
  }, [plot, timesMs, lines, startMs, endMs]);

  useEffect(() => {
    if (plot === undefined) return;
    plot.series.forEach((series, i) => {
      if (i > 0) series.alpha = focused === undefined || focused === i - 1 ? 1 : 0.18;
    });
    plot.redraw(false);
  }, [plot, focused]);

  const { onPoint } = props;
  const { mark, keys } = useChartKeys(
    { steps: timesMs.length, first: 0, last: Math.max(0, lines.length - 1) },
    ({ fromStep, toStep, fromRow }) => {
      if (toStep - fromStep > 1) props.onZoom(timesMs[fromStep] ?? startMs, timesMs[toStep - 1] ?? endMs);
      else onPoint?.take(fromRow, fromStep);
    },
  );
  useEffect(() => {
    if (plot === undefined || mark === undefined) return;
    const { fromStep, toStep } = markedCells(mark);
    const left = (step: number): number => plot.valToPos(timesMs[step] ?? 0, "x");
    const value = lines[mark.at.row]?.values[mark.at.step];
    plot.setCursor({
      left: left(mark.at.step),
      top: value === null || value === undefined ? 0 : plot.valToPos(value, "y"),
    });
    const width = toStep - fromStep > 1 ? left(toStep - 1) - left(fromStep) : 0;
    plot.setSelect({ left: left(fromStep), width, top: 0, height: plot.over.clientHeight }, false);
  }, [plot, mark, timesMs, lines]);

  return (
    <figure className="chart" aria-label={title}>
      <div ref={ref} className="chart-plot" style={{ height }}>
        <div
          ref={holder}
          role="group"
          tabIndex={0}
          aria-roledescription="chart"
          aria-label={`${title}: arrows move, with Shift they select, Enter ${onPoint === undefined ? "zooms" : `${onPoint.does}, or zooms to several steps`}; the data follows as a table`}
          {...keys}
          onBlur={() => {
            keys.onBlur();
            plot?.setCursor({ left: -10, top: -10 });
            plot?.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          }}
        />
        {plot === undefined ? null : <Points {...props} plot={plot} />}
        {hover === undefined ? null : (
          <LineTip
            index={hover.index}
            left={hover.left}
            width={size.width}
            timesMs={timesMs}
            lines={lines}
            format={format}
            {...(onPoint === undefined ? {} : { does: onPoint.does })}
          />
        )}
      </div>
      <ShowData
        title={title}
        data={{
          columns: ["Time", ...lines.map((line) => line.name)],
          rows: () =>
            timesMs.map((time, i) => [
              formatDayClock(time),
              ...lines.map((line) => {
                const value = line.values[i];
                return value === null || value === undefined ? "–" : format(value);
              }),
            ]),
          values: () =>
            timesMs.map((time, i) => [
              new Date(time).toISOString(),
              ...lines.map((line) => line.values[i] ?? null),
            ]),
        }}
      />
    </figure>
  );
}

interface PlotInput {
  readonly props: LineChartProps;
  readonly size: { readonly width: number; readonly height: number };
  readonly tokens: TokenReader;
  /** The props of the moment, for what happens later. */
  readonly latest: () => LineChartProps;
  readonly onHover: (hover: { index: number; left: number } | undefined) => void;
  readonly onDraw: () => void;
}

function plotOptions(input: PlotInput): uPlot.Options {
  const { props, tokens: resolveToken, latest, onHover, onDraw } = input;
  const { width, height } = input.size;
  const faint = resolveToken("--text-faint");
  const grid = { stroke: resolveToken("--line"), width: 1 };
  // A click follows the end of a drag: it means nothing then.
  let dragged = false;
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return {
    width,
    height,
    ms: 1,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, min: props.startMs, max: props.endMs },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), max === null || max <= 0 ? 1 : max * 1.05] },
    },
    axes: [
      {
        stroke: faint,
        font,
        grid: { show: false },
        ticks: { show: false },
        gap: 6,
        size: 28,
        splits: (u) => [
          ...timeTicks(u.scales.x?.min ?? 0, u.scales.x?.max ?? 1, Math.floor(width / 110)).ticks,
        ],
        values: (u, splits) => {
          const { stepMs } = timeTicks(u.scales.x?.min ?? 0, u.scales.x?.max ?? 1, Math.floor(width / 110));
          return splits.map((split) => timeTickLabel(split, stepMs));
        },
      },
      {
        stroke: faint,
        font,
        grid,
        ticks: { show: false },
        gap: 8,
        size: 74,
        values: (_, splits) => splits.map((split) => trimZeros(latest().format(split))),
      },
    ],
    series: [
      {},
      ...props.lines.map((line) => ({
        stroke: resolveToken(line.token),
        width: 1.6,
        // A value alone between gaps makes no line: it gets a dot.
        points: { show: true, size: 4, filter: (u: uPlot, i: number) => lonelyPoints(u.data[i] ?? []) },
        spanGaps: false,
        ...(props.lines.length === 1 ? { fill: fade(resolveToken(line.token)) } : {}),
      })),
    ],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      y: false,
    },
    hooks: {
      draw: [onDraw],
      ready: [
        (u) => {
          u.over.addEventListener("mousedown", () => (dragged = false));
          u.over.addEventListener("click", () => {
            const { idx, top } = u.cursor;
            if (dragged || idx === null || idx === undefined) return;
            const values = latest().lines.map((line) => line.values[idx] ?? null);
            const line = nearestLine(values, u.posToVal(top ?? 0, "y"));
            if (line >= 0) latest().onPoint?.take(line, idx);
          });
        },
      ],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          dragged = true;
          const from = u.posToVal(u.select.left, "x");
          const to = u.posToVal(u.select.left + u.select.width, "x");
          u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          latest().onZoom(from, to);
        },
      ],
      setCursor: [
        (u) => {
          const index = u.cursor.idx;
          const left = u.cursor.left ?? -1;
          onHover(
            index === null || index === undefined || left < 0
              ? undefined
              : { index, left: left + u.over.offsetLeft },
          );
        },
      ],
    },
  };
}

/** "rgb(1, 2, 3)" to the same at 10 %. */
function fade(colour: string): string {
  return colour.replace("rgb(", "rgba(").replace(")", ", 0.1)");
}

function LineTip(props: {
  readonly index: number;
  readonly left: number;
  readonly width: number;
  readonly timesMs: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  readonly does?: string;
}): ReactElement {
  const { index, left, width, lines, format, does } = props;
  const shown = lines
    .map((line) => ({ line, value: line.values[index] ?? null }))
    .filter((entry) => entry.value !== null)
    .toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0));
  return (
    <div
      className="chart-tip"
      role="status"
      style={left > width / 2 ? { right: width - left + 12 } : { left: left + 12 }}
    >
      <div className="faint number">{formatDayClock(props.timesMs[index] ?? 0)}</div>
      {shown.slice(0, 12).map(({ line, value }) => (
        <div key={line.name} className="chart-tip-line">
          <span className="dot" style={{ background: `var(${line.token})` }} />
          <span className="ellipsis">{line.name}</span>
          <span className="number">{format(value ?? 0)}</span>
        </div>
      ))}
      {shown.length > 12 ? <div className="faint">and {shown.length - 12} more</div> : null}
      {does === undefined ? null : <div className="faint">Click {does}</div>}
    </div>
  );
}

function Points(props: LineChartProps & { readonly plot: uPlot }): ReactElement {
  const { points = [], plot, startMs, endMs } = props;
  const top = plot.scales.y?.max ?? 1;
  const bottom = plot.scales.y?.min ?? 0;
  const { offsetLeft, offsetTop, clientWidth, clientHeight } = plot.over;
  return (
    <>
      {points
        .filter((point) => point.timeMs >= startMs && point.timeMs <= endMs)
        .map((point, i) => (
          <button
            key={i}
            type="button"
            className="chart-point"
            title={point.title}
            aria-label={point.title}
            onClick={point.onOpen}
            style={{
              left: offsetLeft + ((point.timeMs - startMs) / (endMs - startMs)) * clientWidth,
              top: offsetTop + (1 - (Math.min(point.value, top) - bottom) / (top - bottom)) * clientHeight,
            }}
          />
        ))}
    </>
  );
}
