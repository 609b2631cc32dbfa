import type { ReactElement } from "react";
import { areaPath, linePath, stackedBarPaths } from "./paths.ts";

interface SparklineProps {
  readonly values: readonly (number | null)[];
  /** CSS colour. */
  readonly colour: string;
  readonly width?: number;
  readonly height?: number;
  /** Bars for counts that are mostly 0. */
  readonly kind?: "line" | "bars";
  /** Top of the box; the largest value when absent. */
  readonly max?: number;
}

/** Several small lines on one scale, the first drawn last. Decorative as Sparkline. */
export function Sparklines(props: {
  readonly lines: readonly { readonly values: readonly (number | null)[]; readonly colour: string }[];
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const { lines, width, height } = props;
  const max = lines.reduce((most, { values }) => Math.max(most, largest(values)), 0);
  return (
    <span className="sparklines">
      {lines.toReversed().map(({ values, colour }, i) => (
        <Sparkline key={i} values={values} colour={colour} width={width} height={height} max={max} />
      ))}
    </span>
  );
}

function largest(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/** A small line without axes. Decorative: the figures stand beside it. */
export function Sparkline(props: SparklineProps): ReactElement {
  const { values, colour, width = 96, height = 22 } = props;
  const max = props.max ?? largest(values);
  const box = { width, height: height - 2 };
  const flat = max <= 0;
  return (
    <svg
      className="sparkline"
      viewBox={`0 -1 ${width} ${height}`}
      preserveAspectRatio="none"
      style={{ width, height }}
      aria-hidden="true"
    >
      {flat ? (
        <line x1="0" x2={width} y1={box.height} y2={box.height} stroke="var(--line)" strokeWidth="1" />
      ) : props.kind === "bars" ? (
        <path d={stackedBarPaths([values.map((value) => value ?? 0)], box, max)[0]} fill={colour} />
      ) : (
        <>
          <path d={areaPath(values, box, max)} fill={colour} opacity="0.16" />
          <path
            d={linePath(values, box, max)}
            fill="none"
            stroke={colour}
            strokeWidth="1.4"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
        </>
      )}
    </svg>
  );
}
