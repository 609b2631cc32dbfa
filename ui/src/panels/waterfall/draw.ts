/** Drawing on canvas: the bars of the rows on screen, and the minimap of all spans. Colours are resolved tokens. */
import { formatDuration } from "../../design/format.ts";
import type { TokenReader } from "../../design/palette.ts";
import { serviceToken } from "../../design/service-colour.ts";
import { errorStatus, spanFlags, type SpanTree } from "./tree.ts";
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

function serviceColours(tree: SpanTree, resolveToken: TokenReader): string[] {
  return tree.skeleton.services.map((name) => resolveToken(serviceToken(name)));
}

export interface BarsScene {
  readonly tree: SpanTree;
  readonly rows: Uint32Array;
  readonly collapsed: Uint8Array;
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
  const colours = serviceColours(tree, resolveToken);
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
    const isError = tree.skeleton.status[index] === errorStatus;
    const left = (tree.starts[index]! - view.from) * scale;
    const right = left + Math.max(tree.durations[index]! * scale, 2);
    const top = row * rowHeight - scrollTop + (rowHeight - barHeight) / 2;
    const from = Math.max(-4, left);
    const to = Math.min(width + 4, right);
    if (to <= 0 || from >= width) {
      drawOutside(context, to <= 0, top + barHeight / 2, width, text);
      continue;
    }
    context.globalAlpha = scene.hasMatches && scene.marks[index] === 0 ? 0.3 : 1;
    context.fillStyle = colours[tree.skeleton.service[index]!]!;
    context.beginPath();
    context.roundRect(from, top, Math.max(2, to - from), barHeight, 3);
    context.fill();
    if (isError) {
      context.fillStyle = errorColour;
      context.beginPath();
      context.roundRect(from, top, Math.max(2, Math.min(4, to - from)), barHeight, [3, 0, 0, 3]);
      context.fill();
    }
    if (scene.collapsed[index] === 1 && to - from > 12) {
      // A collapsed span shows that more lies within: a strip along its foot.
      context.fillStyle = resolveToken("--surface");
      context.globalAlpha = 0.55;
      context.fillRect(from + 3, top + barHeight - 4, to - from - 6, 1.5);
      context.globalAlpha = 1;
    }
    const label = formatDuration(tree.durations[index]!);
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

/** All spans of the trace, one thin bar each, in the order of the rows with nothing collapsed; errors on top. */
export function drawMinimap(
  canvas: HTMLCanvasElement,
  tree: SpanTree,
  size: { readonly width: number; readonly height: number },
  resolveToken: TokenReader,
): void {
  const { width, height } = size;
  const context = prepare(canvas, width, height);
  if (context === undefined) return;
  const colours = serviceColours(tree, resolveToken);
  const scale = width / tree.extent;
  const pitch = Math.min(6, height / tree.count);
  const thick = Math.max(1, pitch * 0.72);
  // More spans than pixels: what would fall on an occupied pixel adds nothing and is skipped.
  const lastX = new Float64Array(Math.ceil(height) + 2).fill(-1);
  const lastService = new Int32Array(Math.ceil(height) + 2).fill(-1);
  const { service, status } = tree.skeleton;
  let current = -1;
  context.globalAlpha = 0.85;
  for (let i = 0; i < tree.count; i++) {
    const y = i * pitch;
    const x = tree.starts[i]! * scale;
    const wide = Math.max(1, tree.durations[i]! * scale);
    const line = Math.floor(y);
    if (pitch < 0.5 && lastService[line] === service[i] && x + wide <= lastX[line]!) continue;
    lastX[line] = x + wide;
    lastService[line] = service[i]!;
    if (service[i] !== current) {
      current = service[i]!;
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
        i * pitch,
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
