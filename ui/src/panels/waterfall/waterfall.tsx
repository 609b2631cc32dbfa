/**
 * The spans of a trace as a tree grid: DOM rows for the names on screen, one canvas behind them for the bars. All work per frame is bounded by
 * the rows on screen, however many spans there are.
 */
import {
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
} from "react";
import { setPreferences, usePreferences } from "../../client/preferences.ts";
import { useTokens } from "../../client/theme.ts";
import { formatDuration, trimZeros } from "../../design/format.ts";
import { useElementSize } from "../charts/use-size.ts";
import { nextRow } from "../row-keys.ts";
import { useRowFocus } from "../use-row-focus.ts";
import { drawBars, rowHeight } from "./draw.ts";
import type { SpanColours } from "./colours.ts";
import type { CriticalPath } from "./critical-path.ts";
import type { Matches } from "./find.ts";
import { runExtent, type Runs } from "./runs.ts";
import { SpanRow } from "./row.tsx";
import { rulerTicks } from "./ruler.ts";
import { rowOf, rowState, type SpanTree } from "./tree.ts";
import { panView, viewOfSpan, zoomView, type View } from "./view.ts";
import "./waterfall.css";

export interface WaterfallHandle {
  /** Scrolls the span into sight and makes it the active row. */
  show(index: number, focus: boolean): void;
}

interface WaterfallProps {
  readonly ref: Ref<WaterfallHandle>;
  readonly tree: SpanTree;
  readonly rows: Uint32Array;
  /** Bits of rowState. */
  readonly state: Uint8Array;
  readonly runs: Runs;
  readonly skew: Float64Array;
  readonly moved: Float64Array | undefined;
  readonly colours: SpanColours;
  readonly critical: CriticalPath | undefined;
  readonly matches: Matches;
  readonly hasMatches: boolean;
  /** -1: none. */
  readonly selected: number;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onSelect: (index: number) => void;
  readonly onToggle: (index: number) => void;
  /** Folds or unfolds the run that the span is the first of. */
  readonly onFold: (index: number) => void;
}

const spareRows = 8;

export function Waterfall(props: WaterfallProps): ReactElement {
  const {
    ref,
    tree,
    rows,
    state,
    runs,
    skew,
    moved,
    colours,
    critical,
    matches,
    hasMatches,
    selected,
    view,
  } = props;
  const { onView, onSelect, onToggle, onFold } = props;
  const { nameShare } = usePreferences();
  const tokens = useTokens();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useElementSize(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const [active, setActive] = useState(Math.max(0, selected));
  const focusSpan = useRowFocus(scroller, (box, index) => box.querySelector(`#span-row-${index}`));

  const nameWidth = Math.round(size.width * nameShare);
  const barWidth = Math.max(0, size.width - nameWidth - 12);
  const ticks = useMemo(() => rulerTicks(view, barWidth), [view, barWidth]);
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spareRows);
  const last = Math.min(rows.length, Math.ceil((scrollTop + size.height) / rowHeight) + spareRows);
  const activeRow = rowOf(rows, active);

  function bring(row: number): void {
    const box = scroller.current;
    if (box === null || row < 0) return;
    const top = row * rowHeight;
    if (top < box.scrollTop) box.scrollTop = top - rowHeight;
    else if (top + rowHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = top - box.clientHeight + rowHeight * 2;
  }

  useImperativeHandle(
    ref,
    () => ({
      show(index, focus) {
        setActive(index);
        if (focus) focusSpan(index);
        const row = rowOf(rows, index);
        const box = scroller.current;
        if (box === null) return;
        const top = row * rowHeight;
        const outside = top < box.scrollTop || top + rowHeight > box.scrollTop + box.clientHeight;
        if (outside) box.scrollTop = top - box.clientHeight / 2;
      },
    }),
    [rows, focusSpan],
  );

  useLayoutEffect(() => {
    if (canvas.current === null || barWidth === 0 || size.height === 0) return;
    const shown = { tree, rows, state, runs, colours, critical };
    const scene = { ...shown, marks: matches.marks, hasMatches, view, ticks, scrollTop };
    drawBars(canvas.current, { ...scene, width: barWidth, height: size.height }, tokens);
  }, [
    tree,
    rows,
    state,
    runs,
    colours,
    critical,
    matches,
    hasMatches,
    view,
    ticks,
    barWidth,
    size.height,
    scrollTop,
    tokens,
  ]);

  function goTo(row: number): void {
    focusSpan(rows[row]!);
    setActive(rows[row]!);
    bring(row);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || rows.length === 0) return;
    // The row that is seen to have the focus is the one that keys mean.
    const focused = /^span-row-(\d+)$/.exec((event.target as HTMLElement).id);
    const row = focused === null ? activeRow : rowOf(rows, Number(focused[1]));
    const index = rows[row]!;
    const isFolded = (state[index]! & rowState.folded) !== 0;
    const isCollapsed = (state[index]! & rowState.collapsed) !== 0;
    const hasChildren = tree.size[index]! > 1;
    const target = nextRow(event.key, row, rows.length, Math.floor(size.height / rowHeight) - 1);
    if (target !== undefined) goTo(target);
    else if (event.key === "Enter" || event.key === " ") onSelect(index);
    else if (event.key === "ArrowRight" || event.key === "l") {
      if (isFolded) keepFocus(index, () => onFold(index));
      else if (hasChildren && isCollapsed) keepFocus(index, () => onToggle(index));
      else if (hasChildren) goTo(row + 1);
    } else if (event.key === "ArrowLeft" || event.key === "h") {
      if (!isFolded && hasChildren && !isCollapsed) keepFocus(index, () => onToggle(index));
      else if (!isFolded && runs.count[index]! > 0) keepFocus(index, () => onFold(index));
      else if (tree.parents[index]! >= 0) goTo(rowOf(rows, tree.parents[index]!));
    } else if (event.key === "f" && runs.first[index]! >= 0) {
      focusSpan(runs.first[index]!);
      setActive(runs.first[index]!);
      onFold(runs.first[index]!);
    } else if (event.key === "+" || event.key === "=") onView(zoomView(view, 0.5, 0.5, tree.extent));
    else if (event.key === "-") onView(zoomView(view, 2, 0.5, tree.extent));
    else if (event.key === "0") onView({ from: 0, to: tree.extent });
    else if (event.key === "z") onView(viewOfSpan(tree.starts[index]!, tree.durations[index]!, tree.extent));
    else if (event.key === "a") onView(panView(view, -0.25, tree.extent));
    else if (event.key === "d") onView(panView(view, 0.25, tree.extent));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  function keepFocus(index: number, change: () => void): void {
    focusSpan(index);
    setActive(index);
    change();
  }

  return (
    <div className="waterfall">
      <div className="waterfall-ruler" aria-hidden="true">
        <div style={{ width: nameWidth }} className="waterfall-heading">
          Service and span
        </div>
        <div className="waterfall-ticks">
          {ticksWithRoom(ticks, view, barWidth).map((tick) => (
            <span
              key={tick}
              className="number"
              style={{ left: ((tick - view.from) / (view.to - view.from)) * barWidth }}
            >
              {trimZeros(formatDuration(tick))}
            </span>
          ))}
        </div>
        <ColumnHandle width={size.width} share={nameShare} />
      </div>
      <div
        ref={scroller}
        className="waterfall-rows"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.length}
        aria-multiselectable={false}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        onWheel={(event) => {
          if (!event.ctrlKey && !event.metaKey) return;
          const left = event.currentTarget.getBoundingClientRect().left + nameWidth;
          onView(
            zoomView(
              view,
              event.deltaY > 0 ? 1.25 : 0.8,
              Math.min(1, Math.max(0, (event.clientX - left) / barWidth)),
              tree.extent,
            ),
          );
        }}
      >
        <canvas
          ref={canvas}
          className="waterfall-canvas"
          style={{ width: barWidth, height: size.height, marginLeft: nameWidth, marginBottom: -size.height }}
          aria-hidden="true"
        />
        <div role="rowgroup" style={{ height: rows.length * rowHeight, position: "relative" }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, i) => {
            const row = first + i;
            const index = rows[row]!;
            return (
              <SpanRow
                key={index}
                tree={tree}
                index={index}
                row={row}
                collapsed={(state[index]! & rowState.collapsed) !== 0}
                runCount={runs.count[index]!}
                folded={(state[index]! & rowState.folded) !== 0}
                runErrors={(state[index]! & rowState.folded) === 0 ? 0 : runExtent(tree, runs, index).errors}
                skew={skew[index]!}
                moved={moved?.[index] ?? 0}
                colour={`var(${colours.tokens[colours.codes[index]!]!})`}
                selected={index === selected}
                active={row === activeRow}
                matched={matches.marks[index] === 1}
                nameWidth={nameWidth}
                onToggle={onToggle}
                onFold={onFold}
                onSelect={(chosen) => {
                  setActive(chosen);
                  focusSpan(chosen);
                  onSelect(chosen);
                }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Divides names from bars; dragged, or moved by the arrow keys. */
function ColumnHandle(props: { readonly width: number; readonly share: number }): ReactElement {
  const { width, share } = props;
  const set = (value: number): void => setPreferences({ nameShare: Math.min(0.7, Math.max(0.15, value)) });
  return (
    <div
      className="column-handle"
      style={{ left: width * share - 4 }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const box = event.currentTarget.parentElement!.getBoundingClientRect();
        set((event.clientX - box.left) / width);
      }}
    />
  );
}

/** Marks whose words fit before the right end. */
function ticksWithRoom(ticks: readonly number[], view: View, width: number): readonly number[] {
  return ticks.filter((tick) => ((tick - view.from) / (view.to - view.from)) * width < width - 44);
}
