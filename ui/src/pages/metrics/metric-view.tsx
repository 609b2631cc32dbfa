import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";
import { useNow } from "../../client/now.ts";
import { metricSeriesQuery, metricsQuery } from "../../client/queries.ts";
import { Segments, SelectField } from "../../design/controls.tsx";
import { plural } from "../../design/format.ts";
import { AttributeChips, AttributeInput } from "../../panels/filters/attribute-chips.tsx";
import { ServiceSelect } from "../../panels/filters/service-select.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { resolveRange } from "../../url/time.ts";
import { Breakdown } from "./breakdown.tsx";
import { HeatDrawing } from "./heat-drawing.tsx";
import { LineDrawing } from "./line-drawing.tsx";
import { Related } from "./related.tsx";
import { choicesOf, functionOf, metricStep, shownOf, type Shown } from "../../panels/metrics/model.ts";

const mostLines = 30;

/** One metric: what is drawn of it, by which attribute, and its exemplars. */
export function MetricView(): ReactElement {
  const search = usePageSearch("metrics");
  const adjust = useAdjust("metrics");
  const range = useTimeRange();
  const metrics = useQuery(metricsQuery({ ...range, service: search.service }));
  const metric = metrics.data?.items.find((entry) => entry.name === search.metric);
  const shown =
    metric === undefined ? search.function || undefined : shownOf(metric, search.function, search.groupBy);
  const now = useNow();
  const window = resolveRange(range, now);
  const asked = {
    ...range,
    metric: search.metric,
    service: search.service,
    groupBy: search.groupBy,
    attr: search.attr,
    step: `${metricStep(window.endMs - window.startMs, 240) / 1000}s`,
    limit: mostLines,
  };
  const series = useQuery({
    ...metricSeriesQuery({ ...asked, function: shown === "heatmap" ? functionOf(shown) : shown }),
    // Until the list says what type it is, the server's own default would be drawn and then replaced.
    enabled: shown !== undefined || metrics.isSuccess,
  });
  const summary = series.data?.metric ?? metric;
  return (
    <div className="page">
      <PageHead title={search.metric}>
        {summary === undefined ? null : <MetricBadges metric={summary} />}
        <span className="grow" />
        <PageLink
          page="metrics"
          search={{ service: search.service, text: search.text }}
          className="button button-plain"
        >
          All metrics
        </PageLink>
      </PageHead>
      {summary === undefined || summary.description === "" ? null : (
        <p className="soft metric-description">{summary.description}</p>
      )}
      <div className="filters" role="search" aria-label="What to draw">
        <div className="filter-row">
          {summary === undefined || shown === undefined ? null : (
            <div className="field">
              <span className="field-label">Show</span>
              <Segments<Shown>
                label="Show"
                value={shown}
                choices={choicesOf(summary, search.groupBy)}
                onChange={(chosen) =>
                  adjust({
                    function:
                      chosen === "percentiles" || chosen === shownOf(summary, "", search.groupBy)
                        ? ""
                        : chosen,
                  })
                }
              />
            </div>
          )}
          <SelectField
            label="Group by"
            value={search.groupBy}
            choices={[
              { id: "", name: "Nothing" },
              ...groupKeys(summary, search.groupBy).map((key) => ({ id: key, name: key })),
            ]}
            onChange={(groupBy) => adjust({ groupBy })}
          />
          <ServiceSelect range={range} value={search.service} onChange={(service) => adjust({ service })} />
          <AttributeInput filters={search.attr} onChange={(attr) => adjust({ attr })} />
        </div>
        <AttributeChips filters={search.attr} onChange={(attr) => adjust({ attr })} />
      </div>
      <Answer query={series} what="series" height={380}>
        {(answer) =>
          answer.lines.length === 0 ? (
            <EmptyState reason={answer.empty} what="values" />
          ) : (
            <>
              {shown === "heatmap" ? (
                <HeatDrawing answer={answer} metric={answer.metric ?? summary} />
              ) : (
                <LineDrawing
                  answer={answer}
                  metric={answer.metric ?? summary}
                  shown={shown ?? "average"}
                  updatedMs={series.dataUpdatedAt}
                />
              )}
              {search.groupBy === "" && summary !== undefined ? (
                <Breakdown metric={summary} shown={shown === undefined ? "p95" : functionOf(shown)} />
              ) : null}
              {summary === undefined ? null : (
                <Related metric={summary} metrics={metrics.data?.items ?? []} service={search.service} />
              )}
            </>
          )
        }
      </Answer>
    </div>
  );
}

function groupKeys(metric: MetricSummary | undefined, chosen: string): readonly string[] {
  const keys = metric?.attributeKeys ?? [];
  const all = keys.includes("service.name") ? keys : [...keys, "service.name"];
  return chosen === "" || all.includes(chosen) ? all : [chosen, ...all];
}

function MetricBadges(props: { readonly metric: MetricSummary }): ReactElement {
  const { metric } = props;
  const kind =
    metric.type === "sum"
      ? metric.monotonic
        ? "counter"
        : "up-down counter"
      : metric.type.replace("_", " ");
  return (
    <>
      <span className="badge">{kind}</span>
      {metric.unit === "" ? null : <span className="badge mono">{metric.unit}</span>}
      {metric.temporality === "delta" ? <span className="badge">delta</span> : null}
      <span className="faint number">{plural(metric.seriesCount, "series", "series")}</span>
    </>
  );
}
