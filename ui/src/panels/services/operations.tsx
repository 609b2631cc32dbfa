import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { OperationSummary, Page } from "../../../../src/api/explore/wire.ts";
import { operationsQuery, serviceSteps } from "../../client/queries.ts";
import { Button, Segments } from "../../design/controls.tsx";
import { formatDuration, formatPercent, formatRate } from "../../design/format.ts";
import { serviceColour } from "../../design/service-colour.ts";
import { Sparkline } from "../charts/sparkline.tsx";
import { ServiceName } from "../service-name.tsx";
import { Answer, EmptyState } from "../states.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { entryOperations, operationKey, redFigures } from "./model.ts";
import "./services.css";

const firstRows = 12;

/** The busiest operations, of all services or of one; each leads to its traces. */
export function Operations(props: { readonly service: string; readonly windowMs: number }): ReactElement {
  const { service, windowMs } = props;
  const range = useTimeRange();
  const [spans, setSpans] = useState<"entry" | "all">("entry");
  const [all, setAll] = useState(false);
  const operations = useQuery(operationsQuery({ ...range, service, steps: serviceSteps }));
  return (
    <section className="operations" aria-label="Operations">
      <div className="section-head">
        <h2>{service === "" ? "Busiest operations" : "Operations"}</h2>
        <span className="grow" />
        <Segments
          label="Operations shown"
          value={spans}
          choices={[
            { id: "entry", name: "Where requests enter" },
            { id: "all", name: "All spans" },
          ]}
          onChange={setSpans}
        />
      </div>
      <Answer query={operations} what="operations" height={160}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState reason={page.empty} what="operations" />
          ) : (
            <OperationTable
              page={page}
              service={service}
              windowMs={windowMs}
              all={all}
              spans={spans}
              onAll={setAll}
            />
          )
        }
      </Answer>
    </section>
  );
}

interface OperationTableProps {
  readonly page: Page<OperationSummary>;
  readonly service: string;
  readonly windowMs: number;
  readonly all: boolean;
  readonly spans: "entry" | "all";
  readonly onAll: (all: boolean) => void;
}

function OperationTable(props: OperationTableProps): ReactElement {
  const { page, service, windowMs, all, spans, onAll } = props;
  const shown = spans === "entry" ? entryOperations(page.items) : page.items;
  return (
    <div className="card table-card">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Operation</th>
            {service === "" ? <th scope="col">Service</th> : null}
            <th scope="col">Kind</th>
            <th scope="col">Requests</th>
            <th scope="col">Errors</th>
            <th scope="col" className="right">
              p50
            </th>
            <th scope="col" className="right">
              p95
            </th>
            <th scope="col" className="right">
              p99
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(0, all ? undefined : firstRows).map((operation) => {
            const { perSecond, errorShare } = redFigures(operation, windowMs);
            return (
              <tr key={operationKey(operation)}>
                <th scope="row" className="operation-name">
                  <PageLink
                    page="traces"
                    search={{ service: operation.service, operation: operation.name }}
                    title={operation.name}
                  >
                    {operation.name}
                  </PageLink>
                </th>
                {service === "" ? (
                  <td>
                    <ServiceName name={operation.service} />
                  </td>
                ) : null}
                <td className="faint">{operation.kind.toLowerCase()}</td>
                <td>
                  <span className="figure-line">
                    <Sparkline values={operation.countSeries} colour={serviceColour(operation.service)} />
                    <span className="number">{formatRate(perSecond)}</span>
                  </span>
                </td>
                <td className={errorShare > 0 ? "number error-text" : "number faint"}>
                  {errorShare > 0 ? (
                    <PageLink
                      page="traces"
                      className="error-text"
                      search={{
                        service: operation.service,
                        operation: operation.name,
                        status: "Error",
                      }}
                    >
                      {formatPercent(errorShare)}
                    </PageLink>
                  ) : (
                    formatPercent(0)
                  )}
                </td>
                <td className="right number soft">{formatDuration(operation.p50Nano)}</td>
                <td className="right number">{formatDuration(operation.p95Nano)}</td>
                <td className="right number soft">{formatDuration(operation.p99Nano)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {shown.length > firstRows ? (
        <div className="table-foot">
          <Button kind="quiet" onPress={() => onAll(!all)}>
            {all
              ? `Show the ${firstRows} busiest`
              : `Show all ${shown.length}${page.truncated ? ", the busiest of more" : ""}`}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
