/** SVG path texts from plain arrays. */

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** A line through the values, broken where there is none. `max` above 0 is the top of the box. */
export function linePath(
  values: readonly (number | null)[],
  box: { width: number; height: number },
  max: number,
): string {
  const step = values.length > 1 ? box.width / (values.length - 1) : 0;
  let path = "";
  let open = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) {
      open = false;
      continue;
    }
    const y = box.height - (Math.max(0, value) / max) * box.height;
    path += `${open ? "L" : "M"}${short(i * step)} ${short(y)}`;
    // A point alone between gaps would not show: it gets a stroke of no length, round-capped.
    if (!open && (values[i + 1] === null || values[i + 1] === undefined)) path += "h0";
    open = true;
  }
  return path;
}

/** Places of the values that have none on either side. */
export function lonelyPoints(values: ArrayLike<number | null | undefined>): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) places.push(i);
  }
  return places;
}

/** The stretches of the same line closed to the ground, for a fill. */
export function areaPath(
  values: readonly (number | null)[],
  box: { width: number; height: number },
  max: number,
): string {
  const step = values.length > 1 ? box.width / (values.length - 1) : 0;
  let path = "";
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) continue;
    const first = i;
    path += `M${short(first * step)} ${short(box.height)}`;
    for (; i < values.length && values[i] !== null; i++) {
      path += `L${short(i * step)} ${short(box.height - (Math.max(0, values[i] ?? 0) / max) * box.height)}`;
    }
    path += `L${short((i - 1) * step)} ${short(box.height)}Z`;
  }
  return path;
}

/**
 * One path of bars for each series, stacked in the order given; all series have equal length.
 * A count above 0 is at least one pixel high, so that one error among thousands is seen.
 */
export function stackedBarPaths(
  series: readonly (readonly number[])[],
  box: { width: number; height: number },
  max: number,
): readonly string[] {
  const steps = series[0]?.length ?? 0;
  const step = steps > 0 ? box.width / steps : 0;
  const gap = step > 5 ? 1.5 : step > 2.5 ? 0.75 : 0;
  const ground = new Float64Array(steps).fill(box.height);
  return series.map((counts) => {
    let path = "";
    for (let i = 0; i < steps; i++) {
      const count = counts[i] ?? 0;
      if (count <= 0) continue;
      const height = Math.max(1, (count / max) * box.height);
      const bottom = ground[i]!;
      ground[i] = bottom - height;
      path += `M${short(i * step)} ${short(bottom)}v${short(-height)}h${short(Math.max(0.5, step - gap))}v${short(height)}z`;
    }
    return path;
  });
}

/** The highest sum over the series at one step; 0 for none. */
export function stackedMax(series: readonly (readonly number[])[]): number {
  let max = 0;
  const steps = series[0]?.length ?? 0;
  for (let i = 0; i < steps; i++) {
    let sum = 0;
    for (const counts of series) sum += counts[i] ?? 0;
    if (sum > max) max = sum;
  }
  return max;
}

/** Index of the value nearest to `value`; -1 when there is none. */
export function nearestLine(values: readonly (number | null)[], value: number): number {
  let nearest = -1;
  let least = Infinity;
  values.forEach((one, i) => {
    if (one === null || Math.abs(one - value) >= least) return;
    least = Math.abs(one - value);
    nearest = i;
  });
  return nearest;
}
