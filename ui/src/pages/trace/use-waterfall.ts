/** State of one trace on screen: what is collapsed, the stretch shown, and the steps through matches and errors. */
import { useCallback, useMemo, useState, type RefObject } from "react";
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { errorSpans, findSpans, stepThrough, type Matches } from "../../panels/waterfall/find.ts";
import { buildTree, collapseFrom, reveal, visibleRows, type SpanTree } from "../../panels/waterfall/tree.ts";
import type { View } from "../../panels/waterfall/view.ts";
import type { WaterfallHandle } from "../../panels/waterfall/waterfall.tsx";

export interface WaterfallState {
  readonly tree: SpanTree;
  readonly rows: Uint32Array;
  readonly collapsed: Uint8Array;
  readonly matches: Matches;
  readonly errors: Uint32Array;
  readonly view: View;
  readonly setView: (view: View) => void;
  readonly toggle: (index: number) => void;
  /** Everything at `depth` or deeper collapsed; Infinity expands all. */
  readonly collapseTo: (depth: number) => void;
  /** Expands what hides the span and scrolls to it. */
  readonly show: (index: number, focus: boolean) => void;
  readonly step: (among: "matches" | "errors", current: number, direction: 1 | -1) => number | undefined;
}

export function useWaterfall(
  skeleton: TraceSkeleton,
  text: string,
  handle: RefObject<WaterfallHandle | null>,
): WaterfallState {
  const tree = useMemo(() => buildTree(skeleton), [skeleton]);
  const [state, setState] = useState<{ traceId: string; collapsed: Uint8Array }>(() => ({
    traceId: skeleton.traceId,
    collapsed: new Uint8Array(tree.count),
  }));
  const [zoom, setZoom] = useState<View | undefined>(undefined);
  // A live trace that grew, or another trace, starts expanded again: indexes have moved.
  const collapsed = useMemo(
    () =>
      state.traceId === skeleton.traceId && state.collapsed.length === tree.count
        ? state.collapsed
        : new Uint8Array(tree.count),
    [state, skeleton.traceId, tree.count],
  );
  const rows = useMemo(() => visibleRows(tree, collapsed), [tree, collapsed]);
  const matches = useMemo(() => findSpans(tree, text), [tree, text]);
  const errors = useMemo(() => errorSpans(tree), [tree]);
  const view = zoom ?? { from: 0, to: tree.extent };
  const traceId = skeleton.traceId;
  const setCollapsed = useCallback((next: Uint8Array) => setState({ traceId, collapsed: next }), [traceId]);

  const toggle = useCallback(
    (index: number) => {
      const next = collapsed.slice();
      next[index] = next[index] === 1 ? 0 : 1;
      setCollapsed(next);
    },
    [collapsed, setCollapsed],
  );
  const collapseTo = useCallback(
    (depth: number) => setCollapsed(collapseFrom(tree, depth)),
    [tree, setCollapsed],
  );
  const show = useCallback(
    (index: number, focus: boolean) => {
      const revealed = reveal(tree, collapsed, index);
      if (revealed !== collapsed) setCollapsed(revealed);
      // After the rows that it may have added are there.
      requestAnimationFrame(() => handle.current?.show(index, focus));
    },
    [tree, collapsed, setCollapsed, handle],
  );
  const step = useCallback(
    (among: "matches" | "errors", current: number, direction: 1 | -1) =>
      stepThrough(among === "matches" ? matches.indexes : errors, current, direction),
    [matches, errors],
  );
  return {
    tree,
    rows,
    collapsed,
    matches,
    errors,
    view,
    setView: (next) => setZoom(next.from <= 0 && next.to >= tree.extent ? undefined : next),
    toggle,
    collapseTo,
    show,
    step,
  };
}
