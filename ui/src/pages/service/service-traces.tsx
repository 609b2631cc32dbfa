import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { Page, TraceSummary } from "../../../../src/api/explore/wire.ts";
import { tracesQuery } from "../../client/queries.ts";
import { formatClock, formatDuration, nanoToMs } from "../../design/format.ts";
import { Answer } from "../../panels/states.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import type { TracesSearch } from "../../url/pages.ts";

const shown = 6;

/** The slowest, the newest and the failed traces in which the service takes part. */
export function ServiceTraces(props: { readonly service: string }): ReactElement {
  const { service } = props;
  return (
    <section className="service-traces" aria-label="Traces">
      <Few title="Slowest traces" search={{ service, order: "slowest" }} none="No traces in this window." />
      <Few title="Newest traces" search={{ service }} none="No traces in this window." />
      <Few
        title="Failed traces"
        search={{ service, status: "Error" }}
        none="None of its spans failed in this window."
      />
    </section>
  );
}

function Few(props: {
  readonly title: string;
  readonly search: Partial<TracesSearch>;
  readonly none: string;
}): ReactElement {
  const { title, search, none } = props;
  const range = useTimeRange();
  const { service = "", order = "newest", status = "" } = search;
  const traces = useQuery(tracesQuery({ ...range, service, order, status, limit: shown }));
  return (
    <div className="card few">
      <div className="section-head">
        <h2>{title}</h2>
        <span className="grow" />
        <PageLink page="traces" search={search} label={`All ${title.toLowerCase()}`}>
          All
        </PageLink>
      </div>
      <Answer query={traces} what={title.toLowerCase()} height={shown * 26}>
        {(page: Page<TraceSummary>) =>
          page.items.length === 0 ? (
            <p className="faint">{none}</p>
          ) : (
            <ul>
              {page.items.map((trace) => (
                <li key={trace.traceId}>
                  <PageLink
                    page="trace"
                    search={{ id: trace.traceId, span: trace.matchedSpanId }}
                    className="few-link"
                  >
                    <span className="ellipsis">{trace.rootName}</span>
                    <span className="number">{formatDuration(trace.durationNano)}</span>
                    <span className="number faint">{formatClock(nanoToMs(trace.startUnixNano))}</span>
                  </PageLink>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </div>
  );
}
