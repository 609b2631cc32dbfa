import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { StatusAnswer } from "../../../../src/api/explore/wire.ts";
import { statusQuery } from "../../client/queries.ts";
import { formatCount } from "../../design/format.ts";
import { ShowData } from "../../panels/charts/show-data.tsx";
import { Answer } from "../../panels/states.tsx";
import { labelsText, protocolName, refusalsOf, sortLosses, type RefusedOfSender } from "./model.ts";

/** What the pipeline refused, dropped or failed to send, by reason; all its counters are behind it. */
export function PipelinePanel(): ReactElement {
  const status = useQuery(statusQuery());
  return (
    <section className="store" aria-label="Pipeline">
      <h2>Pipeline</h2>
      <Answer query={status} what="counters">
        {({ counters, losses, senderLosses }) => {
          const refusals = refusalsOf(senderLosses);
          return (
            <div className="card pipeline-card">
              {losses.length === 0 ? (
                <p className="soft">Nothing was refused, dropped or lost since the start.</p>
              ) : (
                <Losses losses={sortLosses(losses)} />
              )}
              {refusals.length === 0 ? null : <Refusals refusals={refusals} />}
              <ShowData
                title="pipeline counters"
                formats={["csv", "json"]}
                data={{
                  columns: ["Counter", "Labels", "Value"],
                  rows: () =>
                    counters.map(({ name, labels, value }) => [name, labelsText(labels), formatCount(value)]),
                  values: () => counters.map(({ name, labels, value }) => [name, labelsText(labels), value]),
                }}
              />
            </div>
          );
        }}
      </Answer>
    </section>
  );
}

const outcomeWords = { refused: "refused", dropped: "dropped", "set-aside": "set aside" } as const;
const unknown = "unknown";

/** What is refused at two places is counted at both. */
function Losses(props: { readonly losses: StatusAnswer["losses"] }): ReactElement {
  return (
    <table className="plain-table" aria-label="Losses by place and reason">
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          <th scope="col">Where</th>
          <th scope="col">Signal</th>
          <th scope="col">Reason</th>
          <th scope="col">How many</th>
        </tr>
      </thead>
      <tbody>
        {props.losses.map(({ stage, component, signal, outcome, reason, unit, count }) => (
          <tr key={`${stage} ${component} ${signal} ${outcome} ${reason} ${unit}`}>
            <td>{outcomeWords[outcome]}</td>
            <td>
              {stage} <span className="mono">{component}</span>
            </td>
            <td>{signal === "" ? "all" : signal}</td>
            <td className="mono">{reason === "" ? unknown : reason}</td>
            <td className="number error-text">
              {formatCount(count)} {unit}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Refusals(props: { readonly refusals: readonly RefusedOfSender[] }): ReactElement {
  return (
    <table className="plain-table" aria-label="Refused by sender and reason">
      <thead>
        <tr>
          <th scope="col">Refused of</th>
          <th scope="col">Sent by</th>
          <th scope="col">Reason</th>
          <th scope="col">Requests</th>
          <th scope="col">Items</th>
        </tr>
      </thead>
      <tbody>
        {props.refusals.map(({ sender, reason, requests, items }) => (
          <tr key={`${sender.service} ${sender.peer} ${sender.protocol} ${sender.port} ${reason}`}>
            <td>{sender.service === "" ? `${unknown} at ${sender.peer}` : sender.service}</td>
            <td>
              {protocolName(sender.protocol)} <span className="faint number">to {sender.port}</span>
            </td>
            <td className="mono">{reason === "" ? unknown : reason}</td>
            <td className="number error-text">{formatCount(requests)}</td>
            <td className="number">{formatCount(items)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
