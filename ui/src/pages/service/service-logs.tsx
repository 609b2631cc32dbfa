import type { ReactElement } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { logsQuery } from "../../client/queries.ts";
import { Segments } from "../../design/controls.tsx";
import { LogList } from "../../panels/logs/log-list.tsx";
import { leastSeverity } from "../../panels/logs/severity.ts";
import { Answer } from "../../panels/states.tsx";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";

/** What the service logged lately: what it warned of, or all. */
export function ServiceLogs(props: { readonly service: string }): ReactElement {
  const { service } = props;
  const range = useTimeRange();
  const { logs: shown } = usePageSearch("service");
  const adjust = useAdjust("service");
  const severity = shown === "all" ? "" : "warn";
  const logs = useInfiniteQuery(
    logsQuery({ ...range, service, severity: leastSeverity(severity), order: "newest" }),
  );
  return (
    <section className="operations" aria-label="Logs">
      <div className="section-head">
        <h2>Logs</h2>
        <Segments
          label="Log lines"
          value={shown}
          choices={[
            { id: "problems", name: "Warnings and errors" },
            { id: "all", name: "All" },
          ]}
          onChange={(logs) => adjust({ logs })}
        />
        <span className="grow" />
        <PageLink page="logs" search={{ service, severity }}>
          Open in Logs
        </PageLink>
      </div>
      <Answer query={logs} what="logs" height={120}>
        {(data) => {
          const records = data.pages[0]?.items ?? [];
          return records.length === 0 ? (
            <p className="soft">
              {shown === "all"
                ? "It logged nothing in this window."
                : "It logged no warning and no error in this window."}
            </p>
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
