import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNow } from "../../client/now.ts";
import { graphQuery, servicesQuery, serviceSteps } from "../../client/queries.ts";
import { Button, Segments, SelectField } from "../../design/controls.tsx";
import type { ServiceGraph } from "../../../../src/api/explore/wire.ts";
import { formatCount, formatDuration, formatRate, plural } from "../../design/format.ts";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, EmptyState, Loading } from "../../panels/states.tsx";
import { useAdjust, useGo, usePageSearch, useTimeRange } from "../../url/location.ts";
import { resolveRange } from "../../url/time.ts";
import { PageLink } from "../../url/page-link.tsx";
import { mapOf, namespacesOf, nodeFigures } from "./model.ts";
import { useGraphPanel } from "./use-graph-panel.ts";
import "./map.css";

/** Who calls whom. */
export function MapPage(): ReactElement {
  const search = usePageSearch("map");
  const adjust = useAdjust("map");
  const go = useGo();
  const range = useTimeRange();
  const now = useNow();
  const services = useQuery(servicesQuery({ ...range, steps: serviceSteps }));
  const graph = useQuery(graphQuery({ ...range }));
  const ServiceGraphPanel = useGraphPanel();
  const window = resolveRange(range, graph.dataUpdatedAt || now);
  const perSecond = 1000 / (window.endMs - window.startMs);
  const all = services.data?.items ?? [];
  const namespaces = namespacesOf(all);
  return (
    <div className="page page-fixed">
      <PageHead title="Map">
        {services.data === undefined ? null : (
          <span className="faint number">{plural(all.length, "service")}</span>
        )}
        <span className="grow" />
        {all.some(({ name }) => name === search.service) ? (
          <PageLink page="service" search={{ name: search.service }} className="button button-plain">
            Open service
          </PageLink>
        ) : null}
        {search.group === "namespace" && namespaces.includes(search.service) ? (
          <Button onPress={() => adjust({ namespace: search.service, group: "service", service: "" })}>
            Show its services
          </Button>
        ) : null}
        {namespaces.length < 2 ? null : (
          <>
            <SelectField
              label="Namespace"
              value={search.namespace}
              choices={[
                { id: "", name: "All namespaces" },
                ...namespaces.map((name) => ({ id: name, name })),
              ]}
              onChange={(namespace) => adjust({ namespace, service: "" })}
            />
            <Segments
              label="Nodes"
              value={search.group}
              choices={[
                { id: "service", name: "Services" },
                { id: "namespace", name: "Namespaces" },
              ]}
              onChange={(group) => adjust({ group, service: "" })}
            />
          </>
        )}
      </PageHead>
      <Answer query={graph} what="map" height={320} fill>
        {(answer) => {
          const shown = mapOf(all, answer.edges, search);
          if (shown.edges.length === 0 && shown.services.length === 0) {
            return <EmptyState reason={answer.empty} what="calls between services" />;
          }
          return ServiceGraphPanel === undefined ? (
            <Loading what="map" height={320} />
          ) : (
            <ServiceGraphPanel
              title="Service graph"
              hint={hintOf(answer.sample)}
              amountName="Rate"
              nodes={nodeFigures(shown.services, perSecond)}
              edges={shown.edges}
              figuresOf={(edge) => ({
                amount: formatRate(edge.count * perSecond),
                duration: `p95 ${formatDuration(edge.p95Nano)}`,
                weight: edge.count * perSecond * 60,
              })}
              selected={search.service}
              onSelect={(service) => adjust({ service })}
              onEdge={(edge) => {
                if (search.group === "namespace") return;
                go("traces", {
                  service: edge.client,
                  ...(edge.errorCount > 0 ? { status: "Error" as const } : {}),
                });
              }}
            />
          );
        }}
      </Answer>
    </div>
  );
}

function hintOf(sample: ServiceGraph["sample"]): string {
  const what = "Each call with its rate, errors and p95; select a node to stress its calls.";
  return sample === undefined
    ? what
    : `${what} Counted in ${formatCount(sample.spansRead)} of ${formatCount(sample.spanCount)} spans and scaled up: calls that are rare in a window this full may be missing, a shorter one shows them.`;
}
