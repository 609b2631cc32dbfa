/** Drawing on canvas: the bars of the rows on screen, and the minimap of all spans. Colours are resolved tokens. */
import { formatDuration } from "../../design/format.ts";
import type { TokenReader } from "../../design/palette.ts";
import type { SpanColours } from "./colours.ts";
import type { CriticalPath } from "./critical-path.ts";
import { minimapLines, runExtent, type Runs } from "./runs.ts";
import { errorStatus, rowState, spanFlags, type SpanTree } from "./tree.ts";
import type { View } from "./view.ts";

export const rowHeight = 26;
const barHeight = 14;

/** Sets the canvas to its CSS size at the screen's density and clears it. */
function prepare(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const density = window.devicePixelRatio || 1;
  const wide = Math.round(width * density);
  const high = Math.round(height * density);
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext("2d") ?? undefined;
  context?.setTransform(density, 0, 0, density, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

export interface BarsScene {
  readonly tree: SpanTree;
  readonly rows: Uint32Array;
  /** Bits of rowState. */
  readonly state: Uint8Array;
  readonly runs: Runs;
  readonly colours: SpanColours;
  /** Drawn along the bars; undefined: not shown. */
  readonly critical: CriticalPath | undefined;
  readonly marks: Uint8Array;
  readonly hasMatches: boolean;
  readonly view: View;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly ticks: readonly number[];
}

/** Only rows between scrollTop and scrollTop + height are touched. */
export function drawBars(canvas: HTMLCanvasElement, scene: BarsScene, resolveToken: TokenReader): void {
  const { tree, rows, view, width, height, scrollTop } = scene;
  const context = prepare(canvas, width, height);
  if (context === undefined) return;
  const colours = scene.colours.tokens.map(resolveToken);
  const errorColour = resolveToken("--error-fill");
  const text = resolveToken("--text-soft");
  const scale = width / (view.to - view.from);
  context.fillStyle = resolveToken("--line");
  for (const tick of scene.ticks) context.fillRect(Math.round((tick - view.from) * scale), 0, 1, height);
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  context.textBaseline = "middle";
  const first = Math.max(0, Math.floor(scrollTop / rowHeight));
  const last = Math.min(rows.length - 1, Math.ceil((scrollTop + height) / rowHeight));
  for (let row = first; row <= last; row++) {
    const index = rows[row]!;
    const run =
      (scene.state[index]! & rowState.folded) !== 0 ? runExtent(tree, scene.runs, index) : undefined;
    const isError = run === undefined ? tree.skeleton.status[index] === errorStatus : run.errors > 0;
    const start = run?.from ?? tree.starts[index]!;
    const duration = run === undefined ? tree.durations[index]! : run.to - run.from;
    const left = (start - view.from) * scale;
    const right = left + Math.max(duration * scale, 2);
    const top = row * rowHeight - scrollTop + (rowHeight - barHeight) / 2;
    // What begins at the very end still shows.
    const from = Math.max(-4, right - left <= 2 ? Math.min(left, width - 2) : left);
    const to = Math.min(width + 4, right);
    if (to <= 0 || from >= width) {
      drawOutside(context, to <= 0, top + barHeight / 2, width, text);
      continue;
    }
    context.globalAlpha = scene.hasMatches && scene.marks[index] === 0 ? 0.3 : 1;
    context.fillStyle = colours[scene.colours.codes[index]!]!;
    if (run === undefined) {
      context.beginPath();
      context.roundRect(from, top, Math.max(2, to - from), barHeight, 3);
      context.fill();
    } else drawRun(context, scene, index, { from, to, top, scale });
    if (isError) {
      context.fillStyle = errorColour;
      context.beginPath();
      context.roundRect(from, top, Math.max(2, Math.min(4, to - from)), barHeight, [3, 0, 0, 3]);
      context.fill();
    }
    if (run === undefined && (scene.state[index]! & rowState.collapsed) !== 0 && to - from > 12) {
      // A collapsed span shows that more lies within: a strip along its foot.
      context.fillStyle = resolveToken("--surface");
      context.globalAlpha = 0.55;
      context.fillRect(from + 3, top + barHeight - 4, to - from - 6, 1.5);
      context.globalAlpha = 1;
    }
    if (scene.critical !== undefined && run === undefined) {
      context.fillStyle = resolveToken("--text");
      drawCritical(context, scene.critical, index, { view, scale, width, top });
    }
    const label =
      run === undefined
        ? formatDuration(duration)
        : `${formatDuration(run.sum)} in ${formatDuration(duration)}`;
    const labelWidth = context.measureText(label).width;
    context.fillStyle = isError ? resolveToken("--error") : text;
    if (to + labelWidth + 10 < width) context.fillText(label, to + 6, top + barHeight / 2 + 0.5);
    else if (from - labelWidth - 6 > 0)
      context.fillText(label, from - labelWidth - 6, top + barHeight / 2 + 0.5);
    else
      drawInside(context, resolveToken, label, Math.max(0, from) + 6, top + barHeight / 2 + 0.5, to - from);
    context.globalAlpha = 1;
  }
}

/** The stretch of a folded run faintly, and in it each of its spans; siblings on one pixel are drawn once. */
function drawRun(
  context: CanvasRenderingContext2D,
  scene: BarsScene,
  index: number,
  place: { readonly from: number; readonly to: number; readonly top: number; readonly scale: number },
): void {
  const { tree, runs, view } = scene;
  const { from, to, top, scale } = place;
  const alpha = context.globalAlpha;
  context.globalAlpha = alpha * 0.3;
  context.beginPath();
  context.roundRect(from, top, Math.max(2, to - from), barHeight, 3);
  context.fill();
  context.globalAlpha = alpha;
  let reached = -Infinity;
  const end = index + runs.span[index]!;
  for (let i = index; i < end; i += tree.size[i]!) {
    const left = Math.max(from, (tree.starts[i]! - view.from) * scale);
    const right = Math.min(
      to,
      Math.max(left + 1, (tree.starts[i]! + tree.durations[i]! - view.from) * scale),
    );
    if (right <= reached || right <= left) continue;
    reached = right;
    context.fillRect(left, top + 3, Math.max(1, right - left - 0.5), barHeight - 6);
  }
}

/** A line along the foot of the bar where the span is on the critical path. */
function drawCritical(
  context: CanvasRenderingContext2D,
  critical: CriticalPath,
  index: number,
  place: { readonly view: View; readonly scale: number; readonly width: number; readonly top: number },
): void {
  const { view, scale, width, top } = place;
  for (let i = critical.offsets[index]!; i < critical.offsets[index + 1]!; i++) {
    const left = Math.max(0, (critical.from[i]! - view.from) * scale);
    const right = Math.min(width, (critical.to[i]! - view.from) * scale);
    if (right > left || (right >= 0 && left <= width && right === left))
      context.fillRect(left, top + barHeight, Math.max(1, right - left), 2.5);
  }
}

/** A bar as wide as the view carries its label on a plate, readable on every colour. */
function drawInside(
  context: CanvasRenderingContext2D,
  resolveToken: TokenReader,
  label: string,
  x: number,
  y: number,
  room: number,
): void {
  const width = context.measureText(label).width + 8;
  if (room < width + 8) return;
  context.fillStyle = resolveToken("--surface");
  context.globalAlpha *= 0.88;
  context.beginPath();
  context.roundRect(x - 3, y - 6.5, width, 12, 3);
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = resolveToken("--text");
  context.fillText(label, x + 1, y);
}

/** The span lies before or after what is shown. */
function drawOutside(
  context: CanvasRenderingContext2D,
  before: boolean,
  y: number,
  width: number,
  colour: string,
): void {
  context.fillStyle = colour;
  context.fillText(before ? "‹" : "›", before ? 2 : width - 8, y);
}

/** All spans of the trace, one thin bar each, in the order of the rows with nothing collapsed; a folded run shares a line. Errors on top. */
export function drawMinimap(
  canvas: HTMLCanvasElement,
  scene: { readonly tree: SpanTree; readonly folded: Runs | undefined; readonly colours: SpanColours },
  size: { readonly width: number; readonly height: number },
  resolveToken: TokenReader,
): void {
  const { width, height } = size;
  const context = prepare(canvas, width, height);
  if (context === undefined) return;
  const { tree, colours: shades } = scene;
  const colours = shades.tokens.map(resolveToken);
  const scale = width / tree.extent;
  const { lines, lineOf } = minimapLines(tree, scene.folded);
  const pitch = Math.min(6, height / lines);
  const thick = Math.max(1, pitch * 0.72);
  // More spans than pixels: what would fall on an occupied pixel adds nothing and is skipped.
  const lastX = new Float64Array(Math.ceil(height) + 2).fill(-1);
  const lastCode = new Int32Array(Math.ceil(height) + 2).fill(-1);
  const { status } = tree.skeleton;
  const { codes } = shades;
  let current = -1;
  context.globalAlpha = 0.85;
  for (let i = 0; i < tree.count; i++) {
    const y = (lineOf === undefined ? i : lineOf[i]!) * pitch;
    const wide = Math.max(1, tree.durations[i]! * scale);
    const x = Math.min(tree.starts[i]! * scale, width - wide);
    const line = Math.floor(y);
    if (pitch < 0.5 && lastCode[line] === codes[i] && x + wide <= lastX[line]!) continue;
    lastX[line] = x + wide;
    lastCode[line] = codes[i]!;
    if (codes[i] !== current) {
      current = codes[i]!;
      context.fillStyle = colours[current]!;
    }
    context.fillRect(x, y, wide, thick);
  }
  context.globalAlpha = 1;
  context.fillStyle = resolveToken("--error-fill");
  for (let i = 0; i < tree.count; i++) {
    if (status[i] === errorStatus)
      context.fillRect(
        tree.starts[i]! * scale,
        (lineOf === undefined ? i : lineOf[i]!) * pitch,
        Math.max(2, tree.durations[i]! * scale),
        Math.max(1.5, thick),
      );
  }
}

/** What stands beside a span's name: "events", "links", "logs", "parent missing". */
export function flagWords(flags: number): readonly string[] {
  const words: string[] = [];
  if ((flags & spanFlags.missingParent) !== 0) words.push("parent missing");
  if ((flags & spanFlags.events) !== 0) words.push("events");
  if ((flags & spanFlags.links) !== 0) words.push("links");
  if ((flags & spanFlags.logs) !== 0) words.push("logs");
  return words;
}
