import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { exceptionsQuery } from "../../client/span-queries.ts";
import { ExceptionCard } from "../../panels/exceptions/exception-card.tsx";
import { exceptionFilter } from "../../panels/exceptions/filter.ts";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { usePageSearch } from "../../url/location.ts";
import { chosenParameters } from "./model.ts";
import { exceptionSteps } from "./tabs.tsx";

/** What was raised, grouped where only numbers and ids differ, with counts over the whole window. */
export function Exceptions(): ReactElement {
  const search = usePageSearch("traces");
  const exceptions = useQuery(exceptionsQuery({ ...chosenParameters(search), steps: exceptionSteps }));
  return (
    <Answer query={exceptions} what="exceptions" height={300}>
      {(page) =>
        page.items.length === 0 ? (
          page.empty?.code === "filtered-out" ? (
            <div className="state" role="status">
              <h2>No exception and no failed span</h2>
              <p className="soft">
                None of the spans that the filters leave recorded an exception event or has the status Error.
                Remove a filter or widen the window of time to look further.
              </p>
            </div>
          ) : (
            <EmptyState reason={page.empty} what="exceptions" />
          )
        ) : (
          <div className="view">
            <ul className="exceptions">
              {page.items.map((group) => (
                <ExceptionCard
                  key={`${group.service} ${group.type} ${group.message}`}
                  group={group}
                  found={{ ...search, ...exceptionFilter(search.attr, group) }}
                  nowMs={exceptions.dataUpdatedAt}
                />
              ))}
            </ul>
            {page.truncated ? (
              <CutNote>
                Showing the {page.items.length} most frequent; there are more. Filter by service to see the
                others.
              </CutNote>
            ) : null}
          </div>
        )
      }
    </Answer>
  );
}
