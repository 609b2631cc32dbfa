import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../client/queries.ts";
import { formatCount } from "../../design/format.ts";
import { ShowData } from "../../panels/charts/show-data.tsx";
import { Answer } from "../../panels/states.tsx";
import { labelsText, lossesOf } from "./model.ts";

/** What the pipeline refused, dropped or failed to send, by reason; all its counters are behind it. */
export function PipelinePanel(): ReactElement {
  const status = useQuery(statusQuery());
  return (
    <section className="store" aria-label="Pipeline">
      <h2>Pipeline</h2>
      <Answer query={status} what="counters">
        {({ counters }) => {
          const losses = lossesOf(counters);
          return (
            <div className="card pipeline-card">
              {losses.length === 0 ? (
                <p className="soft">Nothing was refused, dropped or lost since the start.</p>
              ) : (
                <table className="plain-table">
                  <thead>
                    <tr>
                      <th scope="col">What</th>
                      <th scope="col">Where</th>
                      <th scope="col">Items</th>
                    </tr>
                  </thead>
                  <tbody>
                    {losses.map(({ name, labels, value }) => (
                      <tr key={`${name} ${labelsText(labels)}`}>
                        <td className="mono">{name}</td>
                        <td className="mono">{labelsText(labels)}</td>
                        <td className="number error-text">{formatCount(value)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
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
