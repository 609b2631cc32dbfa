import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";
import { useNow } from "../../client/now.ts";
import { metricHeatmapQuery, metricSeriesQuery } from "../../client/queries.ts";
import { Dot } from "../../design/controls.tsx";
import { formatMetricValue, plural } from "../../design/format.ts";
import { seriesToken } from "../../design/palette.ts";
import { HeatStrip } from "../charts/heat-strip.tsx";
import { Sparklines } from "../charts/sparkline.tsx";
import { useSize } from "../charts/use-size.ts";
import { useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { resolveRange } from "../../url/time.ts";
import { defaultFunction, drawnUnit, functionNames, latestValue, metricStep } from "./model.ts";
import { useSeen } from "./use-seen.ts";
import "./metric-card.css";

const chartHeight = 56;
/** Percentiles have their names above them. */
const secondLine = 12;
// The colours that the lines have on the metric's own page, where the highest is the first.
const percentileLines = ["p50", "p95", "p99"].map((group, i, all) => ({
  group,
  colour: `var(${seriesToken(all.length - 1 - i)})`,
}));
const ordinaryLine = [{ group: "", colour: "var(--accent)" }];

/** One metric of the wall; its chart is asked for when it comes into sight. */
export function MetricCard(props: {
  readonly metric: MetricSummary;
  readonly service: string;
  /** Buckets over time instead of lines of percentiles, for a histogram. */
  readonly asHeatMap?: boolean;
}): ReactElement {
  const { metric, service } = props;
  const range = useTimeRange();
  const [seenRef, seen] = useSeen();
  const [sizeRef, size] = useSize();
  const now = useNow();
  const window = resolveRange(range, now);
  const shown = defaultFunction(metric);
  const asHeatMap = props.asHeatMap === true && shown === "percentiles";
  const step = `${metricStep(window.endMs - window.startMs, 60) / 1000}s`;
  const question = { ...range, metric: metric.name, service, step };
  const series = useQuery({
    ...metricSeriesQuery({ ...question, function: shown, limit: 3 }),
    enabled: seen,
  });
  const heat = useQuery({ ...metricHeatmapQuery(question), enabled: seen && asHeatMap });
  const { data } = series;
  const height = chartHeight - (shown === "percentiles" ? secondLine : 0);
  // Percentiles are named lines, all else is one without a name.
  const drawn = shown === "percentiles" ? percentileLines : ordinaryLine;
  const figures = drawn.flatMap(({ group, colour }) => {
    const latest = data === undefined ? undefined : latestValue(data, group);
    return latest === undefined ? [] : [{ group, colour, latest }];
  });
  const lines = drawn.map(({ group, colour }) => ({
    colour,
    values: data?.lines.find((line) => line.group === group)?.values ?? [],
  }));
  return (
    <PageLink
      page="metrics"
      search={{ metric: metric.name, service, ...(asHeatMap ? { function: "heatmap" as const } : {}) }}
      className="metric-card card"
    >
      <span ref={seenRef} className="metric-card-head">
        <span
          className="metric-name"
          title={metric.description === "" ? metric.name : `${metric.name}\n${metric.description}`}
        >
          {metric.name}
        </span>
        <span className="badge">{metric.type.replace("_", " ")}</span>
      </span>
      <span
        className={`metric-card-value number${shown === "percentiles" ? " metric-card-percentiles" : ""}`}
      >
        {figures.length === 0 ? (
          <span className="faint">
            {series.isError ? series.error.message : series.isSuccess ? "no value" : " "}
          </span>
        ) : (
          figures.map(({ group, colour, latest }) => (
            <span key={group} className="metric-card-figure">
              {group === "" ? null : (
                <span className="metric-card-percentile">
                  <Dot colour={colour} /> {group}
                </span>
              )}
              {formatMetricValue(latest, drawnUnit(metric, shown))}
            </span>
          ))
        )}
      </span>
      <span ref={sizeRef} className="metric-card-chart" style={{ height }}>
        {size.width === 0 ? null : asHeatMap && heat.isError ? (
          <span className="faint">{heat.error.message}</span>
        ) : asHeatMap && heat.data?.step.length === 0 ? (
          <span className="faint">no buckets</span>
        ) : asHeatMap ? (
          <HeatStrip map={heat.data} width={size.width} height={height} />
        ) : (
          <Sparklines lines={lines} width={size.width} height={height} />
        )}
      </span>
      <span className="metric-card-foot faint">
        <span>{asHeatMap ? "heat map" : functionNames[shown].toLowerCase()}</span>
        <span className="number">{plural(metric.seriesCount, "series", "series")}</span>
      </span>
    </PageLink>
  );
}
