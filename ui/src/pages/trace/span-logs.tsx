import type { ReactElement } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { logsQuery } from "../../client/queries.ts";
import { formatClock, nanoToMs } from "../../design/format.ts";
import { severityClass } from "../../panels/logs/severity.ts";
import { PageLink } from "../../url/page-link.tsx";

const mostShown = 10;

/** The logs written within the span, when there are any. */
export function SpanLogs(props: { readonly traceId: string; readonly spanId: string }): ReactElement | null {
  const { traceId, spanId } = props;
  const logs = useInfiniteQuery(logsQuery({ trace: traceId, span: spanId, order: "oldest" }));
  const records = (logs.isPlaceholderData ? undefined : logs.data?.pages[0]?.items) ?? [];
  if (records.length === 0) return null;
  return (
    <section className="attributes">
      <h3>
        Logs <span className="faint number">{records.length}</span>
      </h3>
      <ul className="span-logs">
        {records.slice(0, mostShown).map((record, i) => (
          <li key={i} className={`severity-${severityClass(record.severityNumber)}`}>
            <span className="faint number">{formatClock(nanoToMs(record.timeUnixNano), true)}</span>
            <span className="log-severity">
              {(record.severityText || severityClass(record.severityNumber)).toLowerCase()}
            </span>
            <span className="mono break">{record.body}</span>
          </li>
        ))}
      </ul>
      {records.length > mostShown ? (
        <PageLink page="logs" search={{ trace: traceId, span: spanId }}>
          Show all {records.length}
        </PageLink>
      ) : null}
    </section>
  );
}
