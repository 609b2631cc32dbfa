/** Marks of a trace's time: round durations within the view. */
import { roundStep } from "../charts/scale.ts";
import type { View } from "./view.ts";

/** About one mark in 110 px; nanoseconds from the trace's start, rising. */
export function rulerTicks(view: View, width: number): readonly number[] {
  const count = Math.max(2, Math.floor(width / 110));
  const step = roundStep((view.to - view.from) / count);
  const ticks: number[] = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) ticks.push(at);
  return ticks;
}
