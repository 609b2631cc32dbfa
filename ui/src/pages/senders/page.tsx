import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { SendersAnswer } from "../../../../src/api/explore/wire.ts";
import { sendersQuery } from "../../client/queries.ts";
import { CopyButton } from "../../design/controls.tsx";
import { formatAgo, formatBytes, formatCount, formatDayClock, plural } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { ServiceName } from "../../panels/service-name.tsx";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { PageLink } from "../../url/page-link.tsx";
import { adviceOf, protocolName, sortSenders, type ListedAdvice } from "./model.ts";
import { PipelinePanel } from "./pipeline-panel.tsx";
import { StorePanel } from "./store-panel.tsx";
import "./senders.css";

export function SendersPage(): ReactElement {
  const senders = useQuery(sendersQuery());
  return (
    <div className="page">
      <PageHead title="Senders">
        {senders.data === undefined ? null : (
          <span className="faint number">
            {plural(senders.data.senders.length, "sender")} since the start
          </span>
        )}
      </PageHead>
      <Answer query={senders} what="senders" height={320}>
        {(answer) => (
          <>
            <Endpoints endpoints={answer.endpoints} />
            <AdviceList advice={adviceOf(answer.senders)} />
            {answer.senders.length === 0 ? (
              <EmptyState
                reason={{
                  code: "nothing-arrived",
                  message: "Nobody has sent anything yet",
                  hint: `Start a program with "otelier run -- COMMAND", or set OTEL_EXPORTER_OTLP_ENDPOINT=${answer.endpoints.http}`,
                }}
                what="senders"
              />
            ) : (
              <SenderTable answer={answer} nowMs={senders.dataUpdatedAt} />
            )}
          </>
        )}
      </Answer>
      <PipelinePanel />
      <StorePanel />
    </div>
  );
}

function Endpoints(props: { readonly endpoints: SendersAnswer["endpoints"] }): ReactElement {
  const { endpoints } = props;
  return (
    <div className="endpoints">
      <Endpoint term="OTLP, usually gRPC" url={endpoints.grpc} />
      <Endpoint term="OTLP, usually HTTP" url={endpoints.http} />
      <p className="faint">Each address takes gRPC, gRPC-web, HTTP with protobuf and HTTP with JSON.</p>
    </div>
  );
}

function Endpoint(props: { readonly term: string; readonly url: string }): ReactElement {
  return (
    <dl className="card endpoint">
      <dt className="faint">{props.term}</dt>
      <dd>
        <code>{props.url}</code>
        <CopyButton label={`Copy ${props.url}`} text={() => props.url} />
      </dd>
    </dl>
  );
}

function AdviceList(props: { readonly advice: readonly ListedAdvice[] }): ReactElement | null {
  const { advice } = props;
  if (advice.length === 0) return null;
  return (
    <section aria-label="What to put right" className="advice-list">
      {advice.map((entry) => (
        <div
          key={`${entry.sender.service} ${entry.sender.peer} ${entry.sender.port} ${entry.code}`}
          className={entry.isLoss ? "advice banner-error" : "advice banner-warning"}
        >
          <Icon name={entry.isLoss ? "error" : "warning"} />
          <div className="advice-words">
            <p>
              <strong>
                {entry.sender.service === ""
                  ? `Unknown sender at ${entry.sender.peer}`
                  : entry.sender.service}
              </strong>{" "}
              {entry.message} <span className="faint number">({plural(entry.count, "time")})</span>
            </p>
            {entry.fix === "" ? null : (
              <div className="fix">
                <code>{entry.fix}</code>
                <CopyButton label="Copy the fix" text={() => entry.fix} />
              </div>
            )}
          </div>
        </div>
      ))}
    </section>
  );
}

function SenderTable(props: { readonly answer: SendersAnswer; readonly nowMs: number }): ReactElement {
  const { answer, nowMs } = props;
  return (
    <div className="card table-card">
      <table className="table senders-table">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Protocol</th>
            <th scope="col">From</th>
            <th scope="col" className="right">
              Spans
            </th>
            <th scope="col" className="right">
              Points
            </th>
            <th scope="col" className="right">
              Logs
            </th>
            <th scope="col" className="right">
              Refused
            </th>
            <th scope="col" className="right">
              Received
            </th>
            <th scope="col" className="right">
              Since
            </th>
            <th scope="col" className="right">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {sortSenders(answer.senders).map((sender) => (
            <tr
              key={`${sender.service} ${sender.peer} ${sender.protocol} ${sender.port} ${sender.userAgent} ${sender.compression}`}
            >
              <th scope="row">
                {sender.service === "" ? (
                  <span className="faint">unknown</span>
                ) : (
                  <PageLink page="service" search={{ name: sender.service }} className="plain-link">
                    <ServiceName name={sender.service} strong />
                  </PageLink>
                )}
              </th>
              <td>
                {protocolName(sender.protocol)}
                <span className="faint">
                  {sender.compression === "" || sender.compression === "none"
                    ? ""
                    : ` + ${sender.compression}`}
                  {sender.encrypted ? ", TLS" : ""}
                </span>
                <span className="faint number"> to {sender.port}</span>
                {sender.advice.some((advice) => advice.code === "wrong-port") ? (
                  <span className="badge badge-warning gap-left">unusual</span>
                ) : null}
              </td>
              <td>
                <span className="from ellipsis" title={sender.userAgent}>
                  <span className="number">{sender.peer}</span>{" "}
                  <span className="faint">{sender.userAgent}</span>
                </span>
              </td>
              <td className="right number">{formatCount(sender.items.traces)}</td>
              <td className="right number">{formatCount(sender.items.metrics)}</td>
              <td className="right number">{formatCount(sender.items.logs)}</td>
              <td className={sender.refusedItems > 0 ? "right number error-text" : "right number faint"}>
                {formatCount(sender.refusedItems)}
              </td>
              <td className="right number soft">{formatBytes(sender.bytes)}</td>
              <td className="right number faint" title={formatDayClock(sender.firstSeenUnixMs)}>
                {formatAgo(sender.firstSeenUnixMs, nowMs)}
              </td>
              <td className="right number faint" title={formatDayClock(sender.lastSeenUnixMs)}>
                {formatAgo(sender.lastSeenUnixMs, nowMs)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
