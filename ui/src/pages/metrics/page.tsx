import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { metricsQuery } from "../../client/queries.ts";
import { Button, Segments, TextField } from "../../design/controls.tsx";
import { plural } from "../../design/format.ts";
import { ServiceSelect } from "../../panels/filters/service-select.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import {
  familiesOf,
  isHistogram,
  matchMetrics,
  sortMetrics,
  type MetricFamily,
} from "../../panels/metrics/model.ts";
import { MetricCard } from "../../panels/metrics/metric-card.tsx";
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
          {metrics.data?.items.some(isHistogram) === true ? (
            <Segments
              label="Histograms as"
              value={search.histograms}
              choices={[
                { id: "percentiles", name: "Percentiles" },
                { id: "heatmaps", name: "Heat maps" },
              ]}
              onChange={(histograms) => adjust({ histograms })}
            />
          ) : null}
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
              <Families
                families={familiesOf(page.items)}
                text={search.text}
                onText={(text) => adjust({ text })}
              />
              <div className="wall">
                {sortMetrics(found).map((metric) => (
                  <MetricCard
                    key={`${metric.name} ${metric.type}`}
                    metric={metric}
                    service={search.service}
                    asHeatMap={search.histograms === "heatmaps"}
                  />
                ))}
              </div>
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

/** First parts of the names as quick filters. */
function Families(props: {
  readonly families: readonly MetricFamily[];
  readonly text: string;
  readonly onText: (text: string) => void;
}): ReactElement {
  const { families, text, onText } = props;
  return (
    <div className="families" role="group" aria-label="Metric families">
      {families.map(({ prefix, count }) => (
        <button
          key={prefix}
          type="button"
          className={text === prefix ? "family is-chosen" : "family"}
          aria-pressed={text === prefix}
          onClick={() => onText(text === prefix ? "" : prefix)}
        >
          {prefix} <span className="faint number">{count}</span>
        </button>
      ))}
    </div>
  );
}
