import { useMemo, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";
import { metricSeriesQuery, metricsQuery } from "../../client/queries.ts";
import { formatMetricValue, nanoToMs } from "../../design/format.ts";
import { LineChart } from "../../panels/charts/line-chart.tsx";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { PageLink } from "../../url/page-link.tsx";
import { absoluteRange, type TimeRange } from "../../url/time.ts";
import { aroundSpan, tellingMetrics } from "./around.ts";

/** What the service measured of itself around the span: five minutes before to five minutes after. */
export function ServiceMetrics(props: {
  readonly service: string;
  readonly startUnixNano: string;
  readonly durationNano: number;
}): ReactElement {
  const { service, startUnixNano, durationNano } = props;
  const window = useMemo(
    () => aroundSpan(nanoToMs(startUnixNano), durationNano / 1e6),
    [startUnixNano, durationNano],
  );
  const range = absoluteRange(window);
  const metrics = useQuery(metricsQuery({ ...range, service }));
  return (
    <Answer query={metrics} what="metrics" height={120}>
      {(page) =>
        page.items.length === 0 ? (
          <EmptyState reason={page.empty} what={`metrics of ${service} around this span`} />
        ) : (
          <>
            {tellingMetrics(page.items).map((metric) => (
              <MetricAround key={metric.name} metric={metric} service={service} range={range} />
            ))}
            <PageLink page="metrics" search={{ service, ...range }}>
              All {page.items.length} metrics around it
            </PageLink>
          </>
        )
      }
    </Answer>
  );
}

function MetricAround(props: {
  readonly metric: MetricSummary;
  readonly service: string;
  readonly range: TimeRange;
}): ReactElement {
  const { metric, service, range } = props;
  const isDistribution = metric.type === "histogram" || metric.type === "exponential_histogram";
  const fn = isDistribution ? "p95" : metric.monotonic ? "rate" : "average";
  const series = useQuery(
    metricSeriesQuery({ ...range, metric: metric.name, service, function: fn, step: "10s", limit: 5 }),
  );
  const unit = metric.monotonic && !isDistribution ? `${metric.unit}/s` : metric.unit;
  return (
    <figure className="metric-around" aria-label={metric.name}>
      <figcaption className="mono ellipsis" title={metric.description}>
        {metric.name} <span className="faint">{fn}</span>
      </figcaption>
      <Answer query={series} what="metric" height={80}>
        {(answer) =>
          answer.lines.length === 0 ? (
            <p className="faint">No point around this span.</p>
          ) : (
            <LineChart
              title={`${metric.name}, ${fn}`}
              timesMs={answer.timesMs}
              lines={answer.lines.map((line, i) => ({
                name: line.group === "" ? fn : line.group,
                token: `--series-${i + 1}`,
                values: line.values,
              }))}
              startMs={Number(range.from)}
              endMs={Number(range.to)}
              height={90}
              format={(value) => formatMetricValue(value, unit)}
              onZoom={() => undefined}
            />
          )
        }
      </Answer>
    </figure>
  );
}
