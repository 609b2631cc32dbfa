import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { tracesQuery } from "../../client/queries.ts";
import { Button } from "../../design/controls.tsx";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { hasSelection, isFiltered, noFilters, noSelection, tracesParameters } from "./model.ts";
import { TraceList } from "./trace-list.tsx";

/** The traces with a span that passes the filters and lies in the selection. */
export function FoundTraces(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const traces = useQuery(tracesQuery(tracesParameters(search)));
  return (
    <Answer query={traces} what="traces" height={300} fill>
      {(page) =>
        page.items.length === 0 ? (
          <EmptyState reason={page.empty} what="traces" onSuggestion={(service) => adjust({ service })}>
            {hasSelection(search) ? (
              <Button onPress={() => adjust(noSelection)}>Remove selection</Button>
            ) : isFiltered(search) ? (
              <Button onPress={() => adjust(noFilters)}>Clear filters</Button>
            ) : null}
          </EmptyState>
        ) : (
          <>
            <TraceList traces={page.items} nowMs={traces.dataUpdatedAt} />
            <CutNote
              {...(page.truncated && search.limit < 1000
                ? { onMore: () => adjust({ limit: Math.min(1000, Math.round(search.limit * 2.5)) }) }
                : {})}
            >
              {page.truncated
                ? `Showing the ${page.items.length} ${search.order}; there are more in this window.${search.limit < 1000 ? "" : " Narrow the window or add a filter to see the others."}`
                : `All ${page.items.length} that there are.`}
            </CutNote>
          </>
        )
      }
    </Answer>
  );
}
