import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { metricsQuery } from "../../client/queries.ts";
import { MetricCard } from "../../panels/metrics/metric-card.tsx";
import { Answer } from "../../panels/states.tsx";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { runtimeMetrics } from "./model.ts";

const shown = 8;

/** CPU, memory, garbage collection, event loop: what the program's runtime says of itself. */
export function RuntimeMetrics(props: { readonly service: string }): ReactElement {
  const { service } = props;
  const range = useTimeRange();
  const metrics = useQuery(metricsQuery({ ...range, service }));
  return (
    <section className="operations" aria-label="Runtime">
      <div className="section-head">
        <h2>Runtime</h2>
        <span className="grow" />
        <PageLink page="metrics" search={{ service }} label={`All metrics of ${service}`}>
          All metrics
        </PageLink>
      </div>
      <Answer query={metrics} what="metrics" height={140}>
        {(page) => {
          const found = runtimeMetrics(page.items, shown);
          return found.length === 0 ? (
            <p className="soft">
              {page.items.length === 0
                ? "It sent no metrics in this window. Set OTEL_METRICS_EXPORTER=otlp, or start it with otelier run."
                : "None of its metrics tell how it runs. Add the runtime instrumentation of its language."}
            </p>
          ) : (
            <div className="wall">
              {found.map((metric) => (
                <MetricCard key={`${metric.name} ${metric.type}`} metric={metric} service={service} />
              ))}
            </div>
          );
        }}
      </Answer>
    </section>
  );
}
