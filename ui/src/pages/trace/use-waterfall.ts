/** State of one trace on screen: what is collapsed and folded, the stretch shown, and the steps through matches and errors. */
import { useCallback, useDeferredValue, useMemo, useState, type RefObject } from "react";
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { adjustClocks } from "../../panels/waterfall/adjust.ts";
import { findCriticalPath, noPath, type CriticalPath } from "../../panels/waterfall/critical-path.ts";
import { errorSpans, findSpans, stepThrough, type Matches } from "../../panels/waterfall/find.ts";
import { findRuns, type Runs } from "../../panels/waterfall/runs.ts";
import { clockSkew } from "../../panels/waterfall/skew.ts";
import { buildTree, reveal, rowState, visibleRows, type SpanTree } from "../../panels/waterfall/tree.ts";
import type { View } from "../../panels/waterfall/view.ts";
import type { WaterfallHandle } from "../../panels/waterfall/waterfall.tsx";

export interface WaterfallState {
  readonly tree: SpanTree;
  readonly runs: Runs;
  /** What is off in the trace as it was recorded; none when `moved` says by how much it was set right. */
  readonly skew: Float64Array;
  readonly moved: Float64Array | undefined;
  readonly critical: CriticalPath;
  readonly rows: Uint32Array;
  /** Bits of rowState. */
  readonly state: Uint8Array;
  readonly matches: Matches;
  readonly errors: Uint32Array;
  readonly view: View;
  readonly setView: (view: View) => void;
  readonly toggle: (index: number) => void;
  /** Folds or unfolds the run that the span is the first of. */
  readonly fold: (index: number) => void;
  /** Sets what is collapsed: gets the state and gives the next. */
  readonly change: (next: (state: Uint8Array) => Uint8Array) => void;
  /** Opens what hides the span and scrolls to it. */
  readonly show: (index: number, focus: boolean) => void;
  readonly step: (among: "matches" | "errors", current: number, direction: 1 | -1) => number | undefined;
}

export interface WaterfallOptions {
  readonly text: string;
  /** Runs of alike siblings begin as one row each. */
  readonly foldRuns: boolean;
  /** Spans that cannot have happened as their clocks have it are moved to where they can. */
  readonly adjustClocks: boolean;
}

function foldedRuns(runs: Runs): Uint8Array {
  return Uint8Array.from(runs.count, (count) => (count > 0 ? rowState.folded : 0));
}

export function useWaterfall(
  recorded: TraceSkeleton,
  options: WaterfallOptions,
  handle: RefObject<WaterfallHandle | null>,
): WaterfallState {
  const { text, foldRuns } = options;
  const asRecorded = useMemo(() => buildTree(recorded), [recorded]);
  const adjusted = useMemo(
    () => (options.adjustClocks ? adjustClocks(asRecorded) : undefined),
    [options.adjustClocks, asRecorded],
  );
  const tree = useMemo(
    () => (adjusted === undefined ? asRecorded : buildTree(adjusted.skeleton)),
    [adjusted, asRecorded],
  );
  const runs = useMemo(() => findRuns(tree), [tree]);
  // What only adds to the rows comes after they are first seen: of 100k spans it takes longer than a frame.
  const settled = useDeferredValue<SpanTree | undefined>(tree, undefined) === tree;
  const skew = useMemo(() => (settled ? clockSkew(tree) : new Float64Array(tree.count)), [settled, tree]);
  const critical = useMemo(() => (settled ? findCriticalPath(tree) : noPath(tree)), [settled, tree]);
  const initial = useMemo(
    () => (foldRuns ? foldedRuns(runs) : new Uint8Array(tree.count)),
    [foldRuns, runs, tree.count],
  );
  const [held, setHeld] = useState<{ initial: Uint8Array; state: Uint8Array }>({ initial, state: initial });
  const [zoom, setZoom] = useState<View | undefined>(undefined);
  // A live trace that grew, another trace, or another way of folding starts anew.
  const state = held.initial === initial ? held.state : initial;
  const rows = useMemo(() => visibleRows(tree, state, runs), [tree, state, runs]);
  const matches = useMemo(() => findSpans(tree, text), [tree, text]);
  const errors = useMemo(() => errorSpans(tree), [tree]);
  const view = zoom ?? { from: 0, to: tree.extent };
  const set = useCallback((next: Uint8Array) => setHeld({ initial, state: next }), [initial]);

  const flip = useCallback(
    (index: number, bit: number) => {
      const next = state.slice();
      next[index]! ^= bit;
      set(next);
    },
    [state, set],
  );
  const toggle = useCallback((index: number) => flip(index, rowState.collapsed), [flip]);
  const fold = useCallback((index: number) => flip(index, rowState.folded), [flip]);
  const change = useCallback((next: (now: Uint8Array) => Uint8Array) => set(next(state)), [set, state]);
  const show = useCallback(
    (index: number, focus: boolean) => {
      const revealed = reveal(tree, state, index, runs);
      if (revealed !== state) set(revealed);
      // After the rows that it may have added are there.
      requestAnimationFrame(() => handle.current?.show(index, focus));
    },
    [tree, state, runs, set, handle],
  );
  const step = useCallback(
    (among: "matches" | "errors", current: number, direction: 1 | -1) =>
      stepThrough(among === "matches" ? matches.indexes : errors, current, direction),
    [matches, errors],
  );
  return {
    tree,
    runs,
    skew,
    moved: adjusted?.moved,
    critical,
    rows,
    state,
    matches,
    errors,
    view,
    setView: (next) => setZoom(next.from <= 0 && next.to >= tree.extent ? undefined : next),
    toggle,
    fold,
    change,
    show,
    step,
  };
}
