import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { metricsQuery } from "../../client/queries.ts";
import { Button, TextField } from "../../design/controls.tsx";
import { plural } from "../../design/format.ts";
import { ServiceSelect } from "../../panels/filters/service-select.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import { familiesOf, matchMetrics } from "./model.ts";
import { MetricCard } from "./metric-card.tsx";
import { MetricView } from "./metric-view.tsx";
import "./metrics.css";

export function MetricsPage(): ReactElement {
  const search = usePageSearch("metrics");
  return search.metric === "" ? <Wall /> : <MetricView />;
}

function Wall(): ReactElement {
  const search = usePageSearch("metrics");
  const adjust = useAdjust("metrics");
  const range = useTimeRange();
  const metrics = useQuery(metricsQuery({ ...range, service: search.service }));
  return (
    <div className="page">
      <PageHead title="Metrics">
        {metrics.data === undefined ? null : (
          <span className="faint number">{plural(metrics.data.items.length, "metric")}</span>
        )}
      </PageHead>
      <div className="filters" role="search" aria-label="Filter metrics">
        <div className="filter-row">
          <TextField
            className="metric-search"
            label="Find metric"
            isSearch
            eager
            value={search.text}
            placeholder="Name, description, type, unit"
            onCommit={(text) => adjust({ text })}
          />
          <ServiceSelect range={range} value={search.service} onChange={(service) => adjust({ service })} />
        </div>
      </div>
      <Answer query={metrics} what="metrics" height={320}>
        {(page) => {
          if (page.items.length === 0) {
            return (
              <EmptyState
                reason={page.empty}
                what="metrics"
                onSuggestion={(service) => adjust({ service })}
              />
            );
          }
          const found = matchMetrics(page.items, search.text);
          if (found.length === 0) {
            return (
              <EmptyState
                reason={{
                  code: "filtered-out",
                  message: `No metric matches "${search.text}"`,
                  hint: `Clear the text to see all ${page.items.length}.`,
                }}
                what="metrics"
              >
                <Button onPress={() => adjust({ text: "" })}>Clear text</Button>
              </EmptyState>
            );
          }
          return (
            <>
              {familiesOf(found).map((family) => (
                <section key={family.prefix} className="family" aria-label={family.prefix}>
                  <h2 className="family-name">
                    {family.prefix} <span className="faint number">{family.metrics.length}</span>
                  </h2>
                  <div className="wall">
                    {family.metrics.map((metric) => (
                      <MetricCard
                        key={`${metric.name} ${metric.type}`}
                        metric={metric}
                        service={search.service}
                      />
                    ))}
                  </div>
                </section>
              ))}
              {page.truncated ? (
                <CutNote>
                  Showing the first {page.items.length} metrics; choose a service to see the others.
                </CutNote>
              ) : null}
            </>
          );
        }}
      </Answer>
    </div>
  );
}
