import { useMemo, type ReactElement, type ReactNode } from "react";
import { ShowData, svgFormats, type DataTable } from "./show-data.tsx";
import { TimeAxis } from "./time-axis.tsx";
import type { ChartKeys } from "./use-chart-keys.ts";
import { useSize } from "./use-size.ts";

const axisHeight = 20;
const topGap = 6;

export interface Frame {
  readonly ref: ReturnType<typeof useSize>[0];
  /** Of all, the axis included, in pixels; 0 until it was measured. */
  readonly width: number;
  readonly height: number;
  readonly axisWidth: number;
  /** What is left to draw in. */
  readonly box: { readonly width: number; readonly height: number };
}

/** `height` and `axisWidth` in pixels; the width is that of the place on the page. */
export function useFrame(height: number, axisWidth: number): Frame {
  const [ref, size] = useSize();
  const width = Math.max(0, size.width - axisWidth);
  const box = useMemo(() => ({ width, height: height - axisHeight - topGap }), [width, height]);
  return { ref, width: size.width, height, axisWidth, box };
}

interface ChartFrameProps {
  readonly title: string;
  readonly frame: Frame;
  /** Marks of the vertical axis; `y` in the box. */
  readonly ticks: readonly { readonly label: string; readonly y: number }[];
  readonly startMs: number;
  readonly endMs: number;
  readonly keys: ChartKeys;
  /** What Enter does. */
  readonly does: string;
  /** What stands over the chart, in HTML. */
  readonly tip: ReactNode;
  readonly data: DataTable;
  /** Drawn in the box. */
  readonly children: ReactNode;
}

/** Both axes of a chart over time, its tip, and its data as a table and a file. */
export function ChartFrame(props: ChartFrameProps): ReactElement {
  const { title, frame, data } = props;
  const { ref, width, height, axisWidth, box } = frame;
  return (
    <figure className="chart" aria-label={title}>
      <div ref={ref} className="chart-plot" style={{ height }}>
        {box.width > 0 ? (
          <svg
            width={width}
            height={height}
            role="group"
            tabIndex={0}
            aria-roledescription="chart"
            aria-label={`${title}: arrows move, with Shift they select, Enter ${props.does}; the data follows as a table`}
            {...props.keys}
          >
            <g transform={`translate(${axisWidth} ${topGap})`}>
              {props.ticks.map(({ label, y }) => (
                <g key={y} className="axis">
                  <line x1="0" x2={box.width} y1={y} y2={y} />
                  <text x="-8" y={y + 4} textAnchor="end">
                    {label}
                  </text>
                </g>
              ))}
              <TimeAxis startMs={props.startMs} endMs={props.endMs} width={box.width} y={box.height} />
              {props.children}
            </g>
          </svg>
        ) : null}
        {props.tip}
      </div>
      <ShowData title={title} data={data} formats={svgFormats} />
    </figure>
  );
}
