import { lazy, Suspense, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNow } from "../../client/now.ts";
import { graphQuery, servicesQuery } from "../../client/queries.ts";
import { Segments, TextField } from "../../design/controls.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, CutNote, EmptyState, Loading } from "../../panels/states.tsx";
import { serviceSteps } from "../../panels/filters/service-select.tsx";
import { useAdjust, useGo, usePageSearch, useTimeRange } from "../../url/location.ts";
import { resolveRange } from "../../url/time.ts";
import { FirstRun } from "./first-run.tsx";
import { matchServices, sortServices, totalsOf } from "./model.ts";
import { Operations } from "./operations.tsx";
import { ServiceTable } from "./service-table.tsx";
import { Figures } from "./figures.tsx";
import "./services.css";

// The layout of graphs is a fifth of the page's weight and shown on request.
const ServiceGraphPanel = lazy(async () => ({
  default: (await import("../../panels/graph/service-graph.tsx")).ServiceGraphPanel,
}));

export function ServicesPage(): ReactElement {
  const search = usePageSearch("services");
  const adjust = useAdjust("services");
  const range = useTimeRange();
  const now = useNow();
  const services = useQuery(servicesQuery({ ...range, steps: serviceSteps }));
  const window = resolveRange(range, services.dataUpdatedAt || now);
  const windowMs = window.endMs - window.startMs;
  const isFirstRun = services.data?.empty?.code === "nothing-arrived";
  return (
    <div className="page">
      <PageHead title="Services">
        {isFirstRun ? null : (
          <>
            <span className="grow" />
            <TextField
              className="narrow"
              label="Find service"
              isSearch
              eager
              value={search.text}
              placeholder="Name, namespace, language"
              onCommit={(text) => adjust({ text })}
            />
            <Segments
              label="View"
              value={search.view}
              choices={[
                { id: "table", name: "Table" },
                { id: "graph", name: "Graph" },
              ]}
              onChange={(view) => adjust({ view })}
            />
          </>
        )}
      </PageHead>
      <Answer query={services} what="services" height={320}>
        {(page) => {
          if (isFirstRun) return <FirstRun />;
          if (page.items.length === 0) return <EmptyState reason={page.empty} what="services" />;
          const found = matchServices(page.items, search.text);
          return (
            <>
              <Figures totals={totalsOf(page.items, windowMs)} />
              {search.view === "graph" ? (
                <Graph windowMs={windowMs} />
              ) : found.length === 0 ? (
                <EmptyState
                  reason={{
                    code: "filtered-out",
                    message: `No service matches "${search.text}"`,
                    hint: "Change or clear the text above.",
                  }}
                  what="services"
                />
              ) : (
                <ServiceTable
                  services={sortServices(found, search.sort)}
                  windowMs={windowMs}
                  nowMs={services.dataUpdatedAt}
                  sort={search.sort}
                  selected={search.service}
                  onSort={(sort) => adjust({ sort })}
                  onSelect={(service) => adjust({ service: service === search.service ? "" : service })}
                />
              )}
              {page.truncated ? (
                <CutNote>Showing the first {page.items.length} services; there are more.</CutNote>
              ) : null}
              <Operations
                service={search.service}
                windowMs={windowMs}
                onAll={() => adjust({ service: "" })}
              />
            </>
          );
        }}
      </Answer>
    </div>
  );
}

function Graph(props: { readonly windowMs: number }): ReactElement {
  const search = usePageSearch("services");
  const adjust = useAdjust("services");
  const go = useGo();
  const range = useTimeRange();
  const services = useQuery(servicesQuery({ ...range, steps: serviceSteps }));
  const graph = useQuery(graphQuery({ ...range }));
  return (
    <Answer query={graph} what="service graph" height={260}>
      {(answer) =>
        answer.edges.length === 0 && (services.data?.items.length ?? 0) === 0 ? (
          <EmptyState reason={answer.empty} what="calls between services" />
        ) : (
          <Suspense fallback={<Loading what="service graph" height={260} />}>
            <ServiceGraphPanel
              services={services.data?.items ?? []}
              edges={answer.edges}
              windowMs={props.windowMs}
              selected={search.service}
              onSelect={(service) => adjust({ service })}
              onEdge={(edge) =>
                go("traces", {
                  service: edge.client,
                  ...(edge.serverKind === "service" ? { text: "" } : {}),
                  ...(edge.errorCount > 0 ? { status: "Error" as const } : {}),
                })
              }
            />
          </Suspense>
        )
      }
    </Answer>
  );
}
