import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { exceptionsQuery } from "../../client/span-queries.ts";
import { plural } from "../../design/format.ts";
import { ExceptionCard } from "../../panels/exceptions/exception-card.tsx";
import { exceptionFilter } from "../../panels/exceptions/filter.ts";
import { Answer, CutNote } from "../../panels/states.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";

const steps = 40;
const shown = 5;

/** What its spans raised, alike ones as one, most frequent first. */
export function Errors(props: { readonly service: string }): ReactElement {
  const { service } = props;
  const range = useTimeRange();
  const exceptions = useQuery(exceptionsQuery({ ...range, service, steps }));
  return (
    <section className="operations" aria-label="Exceptions">
      <div className="section-head">
        <h2>Exceptions</h2>
        <span className="grow" />
        <PageLink page="traces" search={{ service, tab: "exceptions" }}>
          All in Traces
        </PageLink>
      </div>
      <Answer query={exceptions} what="exceptions" height={120}>
        {({ items, truncated }) =>
          items.length === 0 ? (
            <p className="soft">None of its spans failed or recorded an exception in this window.</p>
          ) : (
            <>
              <ul className="exceptions">
                {items.slice(0, shown).map((group) => (
                  <ExceptionCard
                    key={`${group.type} ${group.message}`}
                    group={group}
                    nowMs={exceptions.dataUpdatedAt}
                    found={exceptionFilter([], group)}
                  />
                ))}
              </ul>
              {items.length > shown ? (
                <CutNote>
                  Showing the {shown} most frequent of {truncated ? "more than " : ""}
                  {plural(items.length, "kind")}; Traces has the others.
                </CutNote>
              ) : null}
            </>
          )
        }
      </Answer>
    </section>
  );
}
