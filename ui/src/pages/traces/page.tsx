import { useMemo, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { Page, TraceSummary } from "../../../../src/api/explore/wire.ts";
import { tracesQuery } from "../../client/queries.ts";
import { formatCount } from "../../design/format.ts";
import { Button, Segments } from "../../design/controls.tsx";
import { DurationScatter } from "../../panels/charts/duration-scatter.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { useAdjust, useGo, usePageSearch } from "../../url/location.ts";
import { absoluteRange, resolveRange } from "../../url/time.ts";
import { TraceFilters } from "./filters.tsx";
import { durationText, isFiltered, noFilters, plotWindow, scatterPoints, tracesParameters } from "./model.ts";
import { TraceList } from "./trace-list.tsx";
import "./traces.css";

export function TracesPage(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const traces = useQuery(tracesQuery(tracesParameters(search)));
  return (
    <div className="page page-fixed">
      <PageHead title="Traces">
        {traces.data === undefined ? null : (
          <span className="faint number">
            {formatCount(traces.data.items.length)}
            {traces.data.truncated ? ` ${search.order}, of more` : " found"}
          </span>
        )}
        <span className="grow" />
        {isFiltered(search) ? (
          <Button kind="quiet" icon="close" onPress={() => adjust(noFilters)}>
            Clear filters
          </Button>
        ) : null}
        <Segments
          label="Order"
          value={search.order}
          choices={[
            { id: "newest", name: "Newest" },
            { id: "slowest", name: "Slowest" },
          ]}
          onChange={(order) => adjust({ order })}
        />
      </PageHead>
      <TraceFilters />
      <Answer query={traces} what="traces" height={300} fill>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState reason={page.empty} what="traces" onSuggestion={(service) => adjust({ service })}>
              {isFiltered(search) ? <Button onPress={() => adjust(noFilters)}>Clear filters</Button> : null}
            </EmptyState>
          ) : (
            <Found page={page} updatedMs={traces.dataUpdatedAt} />
          )
        }
      </Answer>
    </div>
  );
}

function Found(props: { readonly page: Page<TraceSummary>; readonly updatedMs: number }): ReactElement {
  const { page, updatedMs } = props;
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const go = useGo();
  const points = useMemo(() => scatterPoints(page.items), [page.items]);
  const window = plotWindow(page, search.order, resolveRange(search, updatedMs));
  return (
    <>
      <div className="card scatter-card">
        <DurationScatter
          title="Duration of traces over time"
          startMs={window.startMs}
          endMs={window.endMs}
          points={points}
          height={150}
          onOpen={(id) => go("trace", { id })}
          onSelect={(selection) =>
            go("traces", {
              ...search,
              ...absoluteRange(selection),
              min: durationText(selection.minNano, "min"),
              max: durationText(selection.maxNano, "max"),
            })
          }
        />
      </div>
      <TraceList traces={page.items} nowMs={updatedMs} />
      {page.truncated ? (
        <CutNote
          {...(search.limit < 1000
            ? { onMore: () => adjust({ limit: Math.min(1000, search.limit * 2.5) }) }
            : {})}
        >
          Showing the {page.items.length} {search.order}; there are more in this window.
          {search.limit < 1000 ? "" : " Narrow the window or add a filter to see the others."}
        </CutNote>
      ) : null}
    </>
  );
}
