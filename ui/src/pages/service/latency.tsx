import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { latencyQuery } from "../../client/span-queries.ts";
import { areaSelection } from "../../panels/charts/area-search.ts";
import { HeatMap } from "../../panels/charts/heat-map.tsx";
import { Answer } from "../../panels/states.tsx";
import { useGo, useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";

const height = 170;

/** How long its requests took over time; an area of it leads to the traces there. */
export function Latency(props: { readonly service: string }): ReactElement {
  const { service } = props;
  const range = useTimeRange();
  const go = useGo();
  const heat = useQuery(latencyQuery({ ...range }, service));
  return (
    <section className="operations" aria-label="Latency">
      <div className="section-head">
        <h2>Latency</h2>
        <span className="faint">Drag over an area to see its traces</span>
        <span className="grow" />
        <PageLink page="traces" search={{ service, spans: "entry", tab: "breakdown", metric: "duration" }}>
          By attribute
        </PageLink>
      </div>
      <Answer query={heat} what="durations" height={height}>
        {(map) =>
          map.count.length === 0 ? (
            <p className="soft">No request reached it in this window.</p>
          ) : (
            <div className="card service-latency">
              <HeatMap
                title={`Durations of requests of ${service}`}
                map={map}
                height={height}
                onSelect={(area) => go("traces", { service, spans: "entry", ...areaSelection(area) })}
              />
            </div>
          )
        }
      </Answer>
    </section>
  );
}
