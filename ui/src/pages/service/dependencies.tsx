import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { GraphEdge } from "../../../../src/api/explore/wire.ts";
import { graphQuery } from "../../client/queries.ts";
import { formatDuration, formatPercent, formatRate } from "../../design/format.ts";
import { ServiceName } from "../../panels/service-name.tsx";
import { Answer } from "../../panels/states.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { neighboursOf } from "./model.ts";

const kindWords: Readonly<Record<GraphEdge["serverKind"], string>> = {
  service: "",
  database: "database",
  messaging: "queue",
  external: "sends no spans",
};

/** Who calls the service, and what it calls. */
export function Dependencies(props: { readonly service: string; readonly windowMs: number }): ReactElement {
  const { service, windowMs } = props;
  const range = useTimeRange();
  const graph = useQuery(graphQuery({ ...range }));
  return (
    <section className="card service-neighbours" aria-label="Dependencies">
      <Answer query={graph} what="dependencies" height={160}>
        {({ edges }) => {
          const { callers, callees } = neighboursOf(service, edges);
          return (
            <>
              <Neighbours title="Called by" side="client" edges={callers} windowMs={windowMs} />
              <Neighbours title="Calls" side="server" edges={callees} windowMs={windowMs} />
            </>
          );
        }}
      </Answer>
    </section>
  );
}

function Neighbours(props: {
  readonly title: string;
  readonly side: "client" | "server";
  readonly edges: readonly GraphEdge[];
  readonly windowMs: number;
}): ReactElement {
  const { title, side, edges, windowMs } = props;
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">Rate</th>
          <th scope="col">Errors</th>
          <th scope="col">p95</th>
        </tr>
      </thead>
      <tbody>
        {edges.length === 0 ? (
          <tr>
            <td colSpan={4} className="faint">
              {side === "client" ? "Nobody whose spans arrived here" : "Nothing that its spans tell of"}
            </td>
          </tr>
        ) : null}
        {edges.map((edge) => {
          const name = edge[side];
          const errors = edge.count === 0 ? 0 : edge.errorCount / edge.count;
          return (
            <tr key={`${name} ${edge.serverKind}`}>
              <td>
                {side === "client" || edge.serverKind === "service" ? (
                  <PageLink page="service" search={{ name }} className="plain-link">
                    <ServiceName name={name} />
                  </PageLink>
                ) : (
                  <>
                    {name} <span className="faint">{kindWords[edge.serverKind]}</span>
                  </>
                )}
              </td>
              <td className="number">{formatRate((edge.count * 1000) / windowMs)}</td>
              <td className={errors > 0 ? "number error-text" : "number faint"}>{formatPercent(errors)}</td>
              <td className="number">{formatDuration(edge.p95Nano)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
