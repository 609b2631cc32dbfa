import { useCallback, useEffect, useLayoutEffect, useRef, type ReactElement } from "react";
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { Minimap } from "../../panels/waterfall/minimap.tsx";
import { Waterfall, type WaterfallHandle } from "../../panels/waterfall/waterfall.tsx";
import { isTyping } from "../../panels/row-keys.ts";
import { formatCount } from "../../design/format.ts";
import { CutNote } from "../../panels/states.tsx";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { indexOfSpan } from "./model.ts";
import { SpanPanel } from "./span-panel.tsx";
import { TraceHead } from "./trace-head.tsx";
import { TraceLogs } from "./trace-logs.tsx";
import { TraceTools } from "./trace-tools.tsx";
import { useWaterfall } from "./use-waterfall.ts";

export function TraceView(props: { readonly skeleton: TraceSkeleton }): ReactElement {
  const { skeleton } = props;
  const search = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const handle = useRef<WaterfallHandle>(null);
  const waterfall = useWaterfall(skeleton, search.text, handle);
  const { tree, show, step, collapseTo } = waterfall;
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
      else if (event.key === "[") collapseTo(1);
      else if (event.key === "]") collapseTo(Infinity);
      else if (event.key === "Escape" && selected >= 0) adjust({ span: "" });
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [stepTo, collapseTo, adjust, selected]);

  return (
    <div className="page page-fixed trace-page">
      <TraceHead tree={tree} />
      <TraceTools waterfall={waterfall} selected={selected} onStep={stepTo} />
      <div className="trace-body">
        <div className="trace-main card">
          {search.view === "logs" ? (
            <TraceLogs
              traceId={skeleton.traceId}
              onSpan={(spanId) => {
                adjust({ span: spanId, view: "spans" });
                const index = indexOfSpan(skeleton, spanId);
                if (index >= 0) show(index, true);
              }}
            />
          ) : (
            <>
              <Minimap tree={tree} view={waterfall.view} onView={waterfall.setView} />
              <Waterfall
                ref={handle}
                tree={tree}
                rows={waterfall.rows}
                collapsed={waterfall.collapsed}
                matches={waterfall.matches}
                hasMatches={search.text !== ""}
                selected={selected}
                view={waterfall.view}
                onView={waterfall.setView}
                onSelect={select}
                onToggle={waterfall.toggle}
              />
              {skeleton.omitted > 0 ? (
                <CutNote>
                  Showing {formatCount(tree.count)} of {formatCount(tree.count + skeleton.omitted)} spans: the
                  trace is over the limit for one page.
                </CutNote>
              ) : null}
            </>
          )}
        </div>
        {selected >= 0 ? (
          <SpanPanel tree={tree} index={selected} onClose={() => adjust({ span: "" })} />
        ) : null}
      </div>
    </div>
  );
}
