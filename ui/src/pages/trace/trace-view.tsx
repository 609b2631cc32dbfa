import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useRef, type ReactElement } from "react";
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { Minimap } from "../../panels/waterfall/minimap.tsx";
import { Waterfall, type WaterfallHandle } from "../../panels/waterfall/waterfall.tsx";
import { collapseFrom } from "../../panels/waterfall/tree.ts";
import { isTyping } from "../../panels/row-keys.ts";
import { formatCount } from "../../design/format.ts";
import { CutNote, Loading } from "../../panels/states.tsx";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { indexOfSpan } from "./model.ts";
import { SpanPanel } from "./span-panel.tsx";
import { TraceHead } from "./trace-head.tsx";
import { TraceLogs } from "./trace-logs.tsx";
import { TraceTools } from "./trace-tools.tsx";
import { Legend, SkewNote } from "./trace-notes.tsx";
import { useColours } from "./use-colours.ts";
import { useWaterfall, type WaterfallState } from "./use-waterfall.ts";

const FlameGraph = lazy(async () => ({
  default: (await import("../../panels/flame/flame-graph.tsx")).FlameGraph,
}));
const Statistics = lazy(async () => ({ default: (await import("./statistics.tsx")).Statistics }));
const Compare = lazy(async () => ({ default: (await import("./compare.tsx")).Compare }));
const TraceGraph = lazy(async () => ({ default: (await import("./trace-graph.tsx")).TraceGraph }));
const Linked = lazy(async () => ({ default: (await import("./linked.tsx")).Linked }));

export function TraceView(props: { readonly skeleton: TraceSkeleton }): ReactElement {
  const search = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const handle = useRef<WaterfallHandle>(null);
  const options = {
    text: search.text,
    foldRuns: search.fold === "on",
    adjustClocks: search.clock === "adjusted",
  };
  const waterfall = useWaterfall(props.skeleton, options, handle);
  const { tree, show, step, change } = waterfall;
  const { skeleton } = tree;
  const colours = useColours(tree, search.colour);
  const selected = indexOfSpan(skeleton, search.span);

  const select = useCallback(
    (index: number) => adjust({ span: index === selected ? "" : skeleton.spanIds[index]! }),
    [adjust, skeleton, selected],
  );
  // Where the steps have come to; the address and the drawing follow a little later than the next key may come.
  const stepped = useRef(selected);
  useEffect(() => {
    stepped.current = selected;
  }, [selected]);
  const stepTo = useCallback(
    (among: "matches" | "errors", direction: 1 | -1) => {
      const index = step(among, stepped.current, direction);
      if (index === undefined) return;
      stepped.current = index;
      show(index, true);
      adjust({ span: skeleton.spanIds[index]!, view: "spans" });
    },
    [step, show, adjust, skeleton],
  );

  // The span that the address names is brought into sight when the page opens.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current) return;
    opened.current = true;
    if (selected >= 0) show(selected, false);
  }, [selected, show]);

  // Before the browser paints: a key pressed the moment that the rows are seen is not lost.
  useLayoutEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "n") stepTo("matches", 1);
      else if (event.key === "N") stepTo("matches", -1);
      else if (event.key === "e") stepTo("errors", 1);
      else if (event.key === "E") stepTo("errors", -1);
      else if (event.key === "[") change((state) => collapseFrom(tree, 1, state));
      else if (event.key === "]") change(() => new Uint8Array(tree.count));
      else if (event.key === "c") adjust({ critical: search.critical === "on" ? "off" : "on" });
      else if (event.key === "F") adjust({ fold: search.fold === "on" ? "off" : "on" });
      else if (event.key === "Escape" && selected >= 0) adjust({ span: "" });
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [stepTo, change, tree, adjust, selected, search.critical, search.fold]);

  return (
    <div className="page page-fixed trace-page">
      <TraceHead tree={tree} />
      <TraceTools waterfall={waterfall} selected={selected} onStep={stepTo} />
      <div className="trace-body">
        <div className="trace-main card">
          {search.view === "spans" ? (
            <>
              <SkewNote waterfall={waterfall} onShow={(index) => show(index, true)} />
              {search.colour === "" ? null : <Legend colours={colours} by={search.colour} />}
              <Minimap
                tree={tree}
                folded={search.fold === "on" ? waterfall.runs : undefined}
                colours={colours}
                view={waterfall.view}
                onView={waterfall.setView}
              />
              <Waterfall
                ref={handle}
                tree={tree}
                rows={waterfall.rows}
                state={waterfall.state}
                runs={waterfall.runs}
                skew={waterfall.skew}
                moved={waterfall.moved}
                colours={colours}
                critical={search.critical === "on" ? waterfall.critical : undefined}
                matches={waterfall.matches}
                hasMatches={search.text !== ""}
                selected={selected}
                view={waterfall.view}
                onView={waterfall.setView}
                onSelect={select}
                onToggle={waterfall.toggle}
                onFold={waterfall.fold}
              />
              {skeleton.omitted > 0 ? (
                <CutNote>
                  Showing {formatCount(tree.count)} of {formatCount(tree.count + skeleton.omitted)} spans: the
                  trace is over the limit for one page.
                </CutNote>
              ) : null}
            </>
          ) : (
            <Suspense fallback={<Loading what="view" height={300} />}>
              <OtherView
                waterfall={waterfall}
                onSpan={(spanId) => {
                  adjust({ span: spanId, view: "spans" });
                  const index = indexOfSpan(skeleton, spanId);
                  if (index >= 0) show(index, true);
                }}
              />
            </Suspense>
          )}
        </div>
        {selected >= 0 ? (
          <SpanPanel waterfall={waterfall} index={selected} onClose={() => adjust({ span: "" })} />
        ) : null}
      </div>
    </div>
  );
}

function OtherView(props: {
  readonly waterfall: WaterfallState;
  readonly onSpan: (spanId: string) => void;
}): ReactElement | null {
  const { waterfall, onSpan } = props;
  const { view } = usePageSearch("trace");
  const { tree, critical } = waterfall;
  switch (view) {
    case "spans":
      return null;
    case "flame":
      return <FlameGraph tree={tree} onOpen={(span) => onSpan(tree.skeleton.spanIds[span]!)} />;
    case "graph":
      return <TraceGraph tree={tree} />;
    case "statistics":
      return <Statistics tree={tree} critical={critical} />;
    case "compare":
      return <Compare tree={tree} />;
    case "links":
      return <Linked tree={tree} />;
    case "logs":
      return <TraceLogs traceId={tree.skeleton.traceId} onSpan={onSpan} />;
  }
}
