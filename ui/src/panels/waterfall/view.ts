/** The stretch of time that the waterfall shows, nanoseconds from the trace's start. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Within [0, extent], at least 1,000th of a thousandth of it wide and never under 1 ns. */
export function clampView(view: View, extent: number): View {
  const least = Math.max(1, extent * 1e-6);
  const width = Math.min(extent, Math.max(least, view.to - view.from));
  const from = Math.min(extent - width, Math.max(0, view.from));
  return { from, to: from + width };
}

/** Zooms by `factor` (under 1: closer) around the share `at` (0 to 1) of the view. */
export function zoomView(view: View, factor: number, at: number, extent: number): View {
  const centre = view.from + (view.to - view.from) * at;
  const width = (view.to - view.from) * factor;
  return clampView({ from: centre - width * at, to: centre + width * (1 - at) }, extent);
}

/** Moves by `share` of its width. */
export function panView(view: View, share: number, extent: number): View {
  const by = (view.to - view.from) * share;
  return clampView({ from: view.from + by, to: view.to + by }, extent);
}

/** The span with a margin, for a double click. */
export function viewOfSpan(start: number, duration: number, extent: number): View {
  const margin = Math.max(duration * 0.1, extent * 1e-5);
  return clampView({ from: start - margin, to: start + duration + margin }, extent);
}
