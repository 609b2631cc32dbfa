import { useState, type ReactElement } from "react";
import type { ExceptionGroup } from "../../../../src/api/explore/wire.ts";
import { Button, CopyButton } from "../../design/controls.tsx";
import { formatAgo, formatCount, formatDayClock, plural } from "../../design/format.ts";
import type { TracesSearch } from "../../url/pages.ts";
import { PageLink } from "../../url/page-link.tsx";
import { Sparkline } from "../charts/sparkline.tsx";
import { ServiceName } from "../service-name.tsx";
import "./exceptions.css";

/** One group: what, how often, when, and the ways to its traces. `found`: the traces page with all of them. */
export function ExceptionCard(props: {
  readonly group: ExceptionGroup;
  readonly nowMs: number;
  readonly found: Partial<TracesSearch>;
}): ReactElement {
  const { group, nowMs, found } = props;
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
        <PageLink page="traces" search={found}>
          Traces with it
        </PageLink>
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
