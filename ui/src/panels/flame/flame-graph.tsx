/** Where the time of a trace went: frames as wide as the self time within them. One canvas as high as what is seen; keys move and zoom. */
import {
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
} from "react";
import { useTokens } from "../../client/theme.ts";
import { formatDuration, formatPercent, plural } from "../../design/format.ts";
import { serviceToken } from "../../design/service-colour.ts";
import { useElementSize } from "../charts/use-size.ts";
import type { SpanTree } from "../waterfall/tree.ts";
import { mergeFrames, placeFrames, type Frames } from "./merge.ts";
import "./flame.css";

const frameHeight = 22;

interface Placed {
  readonly frames: Frames;
  readonly left: Float64Array;
  readonly width: Float64Array;
}

/** -1: all. */
type Zoom = number;

export function FlameGraph(props: {
  readonly tree: SpanTree;
  readonly onOpen: (span: number) => void;
}): ReactElement {
  const { tree, onOpen } = props;
  const tokens = useTokens();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useElementSize(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const [zoom, setZoom] = useState<Zoom>(-1);
  const [current, setCurrent] = useState(0);
  const placed = useMemo<Placed>(() => {
    const frames = mergeFrames(tree);
    return { frames, ...placeFrames(frames) };
  }, [tree]);
  const { frames } = placed;
  const from = zoom < 0 ? 0 : placed.left[zoom]!;
  const share = zoom < 0 ? 1 : Math.max(1e-9, placed.width[zoom]!);

  useLayoutEffect(() => {
    const target = canvas.current;
    if (target === null || size.width === 0) return;
    const density = window.devicePixelRatio || 1;
    target.width = Math.round(size.width * density);
    target.height = Math.round(size.height * density);
    const context = target.getContext("2d");
    if (context === null) return;
    context.scale(density, density);
    context.font = `12px ${getComputedStyle(target).fontFamily}`;
    context.textBaseline = "middle";
    const colours = tree.skeleton.services.map((service) => tokens(serviceToken(service)));
    const surface = tokens("--surface");
    const text = tokens("--text");
    for (let frame = 0; frame < frames.count; frame++) {
      const top = frames.depth[frame]! * frameHeight - scrollTop;
      if (top < -frameHeight || top > size.height) continue;
      const x = ((placed.left[frame]! - from) / share) * size.width;
      const wide = (placed.width[frame]! / share) * size.width;
      if (x > size.width || x + wide < 0 || wide < 0.4) continue;
      const left = Math.max(0, x);
      const right = Math.min(size.width, x + wide);
      const span = frames.example[frame]!;
      context.globalAlpha = frame === current ? 1 : 0.62;
      context.fillStyle = colours[tree.skeleton.service[span]!]!;
      context.fillRect(left, top + 1, Math.max(0.5, right - left - 1), frameHeight - 2);
      context.globalAlpha = 1;
      if (frames.errors[frame]! > 0) {
        context.fillStyle = tokens("--error-fill");
        context.fillRect(left, top + 1, Math.max(0.5, Math.min(4, right - left - 1)), frameHeight - 2);
      }
      if (frame === current) {
        context.strokeStyle = text;
        context.lineWidth = 1.5;
        context.strokeRect(left + 0.75, top + 1.75, Math.max(1, right - left - 2.5), frameHeight - 3.5);
      }
      if (right - left < 44) continue;
      context.save();
      context.beginPath();
      context.rect(left, top, right - left - 4, frameHeight);
      context.clip();
      const label = tree.skeleton.names[tree.skeleton.name[span]!]!;
      const room = Math.min(context.measureText(label).width + 8, right - left - 8);
      context.globalAlpha = 0.86;
      context.fillStyle = surface;
      context.fillRect(left + 6, top + 4, room, frameHeight - 8);
      context.globalAlpha = 1;
      context.fillStyle = text;
      context.fillText(label, left + 10, top + frameHeight / 2 + 0.5);
      context.restore();
    }
  }, [tree, frames, placed, size, scrollTop, from, share, current, tokens]);

  function frameAt(event: PointerEvent): number {
    const box = event.currentTarget.getBoundingClientRect();
    const depth = Math.floor((event.clientY - box.top + scrollTop) / frameHeight);
    const at = from + ((event.clientX - box.left) / Math.max(1, size.width)) * share;
    for (let frame = 0; frame < frames.count; frame++) {
      if (frames.depth[frame] !== depth) continue;
      if (at >= placed.left[frame]! && at < placed.left[frame]! + placed.width[frame]!) return frame;
    }
    return -1;
  }
  function goTo(frame: number): void {
    if (frame < 0) return;
    setCurrent(frame);
    const box = scroller.current;
    const top = frames.depth[frame]! * frameHeight;
    if (box !== null && (top < box.scrollTop || top + frameHeight > box.scrollTop + box.clientHeight))
      box.scrollTop = top - box.clientHeight / 2;
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowUp" || event.key === "k") goTo(frames.parents[current]!);
    else if (event.key === "ArrowDown" || event.key === "j") goTo(widestChild(placed, current));
    else if (event.key === "ArrowRight" || event.key === "l") goTo(beside(placed, current, 1));
    else if (event.key === "ArrowLeft" || event.key === "h") goTo(beside(placed, current, -1));
    else if (event.key === "Enter") setZoom(zoom === current ? -1 : current);
    else if (event.key === "o") onOpen(frames.example[current]!);
    else if (event.key === "0" || (event.key === "Escape" && zoom >= 0)) setZoom(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className="flame">
      <FrameWords tree={tree} placed={placed} frame={current} onOpen={onOpen} />
      <div
        ref={scroller}
        className="flame-rows"
        tabIndex={0}
        role="group"
        aria-label="Flame graph: arrows move between frames, Enter zooms, 0 shows all. The statistics are its table."
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => {
          const frame = frameAt(event);
          if (frame >= 0) setCurrent(frame);
        }}
        onClick={() => setZoom(zoom === current ? -1 : current)}
      >
        <canvas
          ref={canvas}
          aria-hidden="true"
          style={{ width: size.width, height: size.height, marginBottom: -size.height }}
        />
        <div style={{ height: (frames.deepest + 1) * frameHeight }} />
      </div>
    </div>
  );
}

function widestChild(placed: Placed, frame: number): number {
  let best = -1;
  const { parents, weight, count } = placed.frames;
  for (let i = frame + 1; i < count; i++)
    if (parents[i] === frame && (best < 0 || weight[i]! > weight[best]!)) best = i;
  return best;
}

/** The next frame of the same depth to the right (1) or left (-1). */
function beside(placed: Placed, frame: number, direction: 1 | -1): number {
  let best = -1;
  const { depth, count } = placed.frames;
  for (let i = 0; i < count; i++) {
    if (i === frame || depth[i] !== depth[frame]) continue;
    const ahead = (placed.left[i]! - placed.left[frame]!) * direction;
    if (ahead > 0 && (best < 0 || ahead < (placed.left[best]! - placed.left[frame]!) * direction)) best = i;
  }
  return best;
}

/** The frame under the pointer or the keys, in words. */
function FrameWords(props: {
  readonly tree: SpanTree;
  readonly placed: Placed;
  readonly frame: number;
  readonly onOpen: (span: number) => void;
}): ReactElement {
  const { tree, placed, frame, onOpen } = props;
  const { frames } = placed;
  const span = frames.example[frame] ?? 0;
  const { services, service, names, name } = tree.skeleton;
  return (
    <div className="flame-words" role="status">
      <strong className="ellipsis">
        {services[service[span]!]} {names[name[span]!]}
      </strong>
      <span className="number">{formatDuration(frames.weight[frame] ?? 0)}</span>
      <span className="number soft">{formatPercent(placed.width[frame] ?? 0)} of all</span>
      <span className="number soft">{formatDuration(frames.self[frame] ?? 0)} itself</span>
      <span className="number soft">{plural(frames.spans[frame] ?? 0, "span")}</span>
      <button type="button" className="text-button" onClick={() => onOpen(span)}>
        Show span
      </button>
    </div>
  );
}
