/** An area of a heat map in the words of the traces page's address. Pure. */
import type { TracesSearch } from "../../url/pages.ts";
import type { HeatArea } from "./heat-map.tsx";

/** The area as the selection there. */
export function areaSelection(area: HeatArea): Partial<TracesSearch> {
  return {
    selFrom: String(Math.floor(area.startMs)),
    selTo: String(Math.ceil(area.endMs)),
    selMin: durationText(area.minNano, "min"),
    selMax: durationText(area.maxNano, "max"),
    selStatus: "",
  };
}

/** The duration in the words of the filter, rounded so that the bound still holds: "12.3ms". */
export function durationText(nano: number, bound: "min" | "max"): string {
  const round = bound === "min" ? Math.floor : Math.ceil;
  const units: readonly [number, string][] = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "us"],
  ];
  for (const [size, unit] of units) {
    if (nano >= size) return `${round((nano / size) * 100) / 100}${unit}`;
  }
  return `${round(Math.max(0, nano))}ns`;
}
