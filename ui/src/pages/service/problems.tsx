import type { ReactElement } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { logsQuery } from "../../client/queries.ts";
import { LogList } from "../../panels/logs/log-list.tsx";
import { leastSeverity } from "../../panels/logs/severity.ts";
import { Answer } from "../../panels/states.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";

/** What the service warned of lately. */
export function Problems(props: { readonly service: string }): ReactElement {
  const { service } = props;
  const range = useTimeRange();
  const logs = useInfiniteQuery(
    logsQuery({ ...range, service, severity: leastSeverity("warn"), order: "newest" }),
  );
  return (
    <section className="operations" aria-label="Warnings and errors">
      <div className="section-head">
        <h2>Warnings and errors</h2>
        <span className="grow" />
        <PageLink page="logs" search={{ service, severity: "warn" }}>
          All in Logs
        </PageLink>
      </div>
      <Answer query={logs} what="logs" height={120}>
        {(data) => {
          const records = data.pages[0]?.items ?? [];
          return records.length === 0 ? (
            <p className="soft">It logged no warning and no error in this window.</p>
          ) : (
            <div className="card problems">
              <LogList records={records} wrap={false} words={[]} />
            </div>
          );
        }}
      </Answer>
    </section>
  );
}
