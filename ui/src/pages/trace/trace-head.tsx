import { memo, type MemoExoticComponent, type ReactElement } from "react";
import { CopyButton } from "../../design/controls.tsx";
import { formatCount, formatDayClock, formatDuration, nanoToMs, plural } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { ServiceName } from "../../panels/service-name.tsx";
import { serviceCounts, type SpanTree } from "../../panels/waterfall/tree.ts";
import { replayCommand, traceJson } from "./model.ts";

const mostServices = 8;
const mostCopied = 5000;
/** As many spans the API gives as OTLP. */
const mostOtlp = 10_000;

interface TraceHeadProps {
  readonly tree: SpanTree;
}

/** Drawn once a trace, not with each collapse: it counts over all spans. */
export const TraceHead: MemoExoticComponent<(props: TraceHeadProps) => ReactElement> = memo(
  function TraceHead({ tree }: TraceHeadProps) {
    const { skeleton } = tree;
    const services = serviceCounts(tree);
    const root = skeleton.names[skeleton.name[0] ?? 0] ?? "Trace";
    const errors = skeleton.status.reduce((sum, status) => sum + (status === 2 ? 1 : 0), 0);
    return (
      <header className="trace-head">
        <PageHead title={root}>
          <span className="trace-id">
            <code className="faint ellipsis">{skeleton.traceId}</code>
            <CopyButton label="Copy trace id" text={() => skeleton.traceId} />
          </span>
        </PageHead>
        <div className="trace-facts">
          <span>
            <span className="faint term">Duration</span>{" "}
            <strong className="number">{formatDuration(skeleton.durationNano)}</strong>
          </span>
          <span>
            <span className="faint term">Started</span>{" "}
            <span className="number">{formatDayClock(nanoToMs(skeleton.startUnixNano), true)}</span>
          </span>
          <span className="number">{plural(tree.count, "span")}</span>
          {errors > 0 ? (
            <span className="badge badge-error number">
              <Icon name="error" size={11} />
              {plural(errors, "error")}
            </span>
          ) : null}
          <ul className="trace-services" aria-label="Services">
            {services.slice(0, mostServices).map((service) => (
              <li key={service.name}>
                <ServiceName name={service.name} />
                <span className="faint number">{formatCount(service.spanCount)}</span>
              </li>
            ))}
            {services.length > mostServices ? (
              <li className="faint">and {services.length - mostServices} more</li>
            ) : null}
          </ul>
          <span className="grow" />
          <span className="trace-exports">
            <CopyButton
              label="Copy curl that sends the trace as OTLP to another receiver"
              kind="quiet"
              text={() => replayCommand(document.baseURI, skeleton.traceId)}
            >
              curl
            </CopyButton>
            <a
              className="button button-quiet"
              href={`api/traces/${skeleton.traceId}/otlp`}
              download={`${skeleton.traceId}.json`}
            >
              <Icon name="senders" />
              OTLP{tree.count > mostOtlp ? `, first ${formatCount(mostOtlp)}` : ""}
            </a>
            <CopyButton
              label={
                tree.count > mostCopied
                  ? `Copy trace as JSON, first ${formatCount(mostCopied)}`
                  : "Copy trace as JSON"
              }
              kind="quiet"
              text={() => traceJson(tree, mostCopied)}
            >
              {tree.count > mostCopied ? `JSON, first ${formatCount(mostCopied)}` : "JSON"}
            </CopyButton>
          </span>
        </div>
      </header>
    );
  },
);
