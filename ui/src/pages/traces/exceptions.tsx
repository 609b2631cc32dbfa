import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { ExceptionGroup } from "../../../../src/api/explore/wire.ts";
import { exceptionsQuery } from "../../client/span-queries.ts";
import { Button, CopyButton } from "../../design/controls.tsx";
import { formatAgo, formatCount, formatDayClock, plural } from "../../design/format.ts";
import { Sparkline } from "../../panels/charts/sparkline.tsx";
import { ServiceName } from "../../panels/service-name.tsx";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { addFilter, filterFor } from "../../url/attribute-filter.ts";
import { useGo, usePageSearch } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import type { TracesSearch } from "../../url/pages.ts";
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
                <Group
                  key={`${group.service} ${group.type} ${group.message}`}
                  group={group}
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

function Group(props: { readonly group: ExceptionGroup; readonly nowMs: number }): ReactElement {
  const { group, nowMs } = props;
  const search = usePageSearch("traces");
  const go = useGo();
  const [open, setOpen] = useState(false);
  const title = group.type === "" ? "Failed without an exception" : group.type;
  return (
    <li className="card exception">
      <div className="exception-head">
        <ServiceName name={group.service} />
        <strong className="error-text ellipsis" title={title}>
          {title}
        </strong>
        <span className="grow" />
        <Sparkline values={group.countSeries} colour="var(--error-fill)" kind="bars" width={120} />
        <span className="number">
          <strong>{formatCount(group.count)}</strong>{" "}
          <span className="faint">in {plural(group.traceCount, "trace")}</span>
        </span>
        <span
          className="faint number"
          title={`first ${formatDayClock(group.firstMs)}, last ${formatDayClock(group.lastMs)}`}
        >
          {formatAgo(group.lastMs, nowMs)}
        </span>
      </div>
      <p className="mono break exception-message">
        {group.message === "" ? <span className="faint">no message</span> : group.message}
      </p>
      <div className="exception-actions">
        <Button
          kind="quiet"
          className="inline-button"
          onPress={() => go("traces", { ...search, ...exceptionFilter(search, group) })}
        >
          Traces with it
        </Button>
        <PageLink page="trace" search={{ id: group.traceId, span: group.spanId }}>
          Latest trace
        </PageLink>
        {group.stacktrace === "" ? null : (
          <Button
            kind="quiet"
            icon={open ? "up" : "down"}
            className="inline-button"
            onPress={() => setOpen(!open)}
          >
            {open ? "Hide stack trace" : "Stack trace"}
          </Button>
        )}
      </div>
      {open ? (
        <div className="stack">
          <pre tabIndex={0} aria-label="Stack trace">
            {group.stacktrace}
          </pre>
          <CopyButton label="Copy stack trace" text={() => group.stacktrace} />
        </div>
      ) : null}
    </li>
  );
}

/** The longest part of a message that has no number or id in it: what all of the group contain. */
function commonPart(message: string): string {
  return message
    .split("#")
    .map((part) => part.trim())
    .reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}

function exceptionFilter(search: TracesSearch, group: ExceptionGroup): Partial<TracesSearch> {
  const shared = { tab: "traces", service: group.service, selStatus: "" } as const;
  if (group.type === "") return { ...shared, status: "Error", text: commonPart(group.message) };
  const byType = addFilter(search.attr, filterFor("event", "exception.type", group.type));
  const part = commonPart(group.message);
  return { ...shared, attr: part === "" ? byType : addFilter(byType, `event.exception.message~${part}`) };
}
