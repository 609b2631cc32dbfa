import { useMemo, type ReactElement, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import type { SpanGroup } from "../../../../src/api/explore/wire.ts";
import { heatmapQuery, spanGroupsQuery } from "../../client/span-queries.ts";
import { formatCount, formatDuration, formatPercent, formatRate } from "../../design/format.ts";
import { areaSelection } from "../../panels/charts/area-search.ts";
import { showsTypical, useTypicalTrace } from "../../panels/charts/use-typical-trace.ts";
import { HeatMap } from "../../panels/charts/heat-map.tsx";
import { StackedBars, type BarSeries, type StepAction } from "../../panels/charts/stacked-bars.tsx";
import { Loading } from "../../panels/states.tsx";
import { useAdjust, usePageSearch, useSetTimeRange } from "../../url/location.ts";
import type { TracesSearch } from "../../url/pages.ts";
import { absoluteRange, resolveRange } from "../../url/time.ts";
import { filterParameters, selectedArea } from "./model.ts";

export const redSteps = 90;
const chartHeight = 118;

/**
 * Rate, errors and duration of all spans that the filters leave. On rate and errors a drag zooms and a click shows a typical trace; on
 * durations both select.
 */
export function Red(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const setRange = useSetTimeRange();
  const parameters = { ...filterParameters(search), steps: redSteps };
  const groups = useQuery(spanGroupsQuery(parameters));
  const heat = useQuery(heatmapQuery(parameters));
  const total = groups.data?.groups[0];
  const window = resolveRange(search, groups.dataUpdatedAt);
  const seconds = (window.endMs - window.startMs) / 1000;
  const zoom = (startMs: number, endMs: number): void => setRange(absoluteRange({ startMs, endMs }));
  const bars = useMemo(() => barsOf(total), [total]);
  const openTypical = useTypicalTrace();
  const typical = (more: Partial<TracesSearch>): StepAction => {
    const found = { ...search, ...more, tab: "traces" as const };
    const of = { parameters: filterParameters(found), search: found, rank: 0.5 };
    return { does: showsTypical, take: (startMs, endMs) => openTypical(of, startMs, endMs) };
  };
  // Nothing in the window: the list below says why, empty charts would add nothing.
  if (groups.data !== undefined && total === undefined) return <></>;
  const steps = groups.data ?? { startMs: window.startMs, stepMs: 1000 };
  return (
    <div className="red" aria-busy={groups.isPlaceholderData}>
      <BarsCard
        title="Rate"
        chart="Spans over time"
        figure={total === undefined ? "" : formatRate(total.count / seconds)}
        note={total === undefined ? "" : `${formatCount(total.count)} spans`}
        series={bars?.rate}
        steps={steps}
        onZoom={zoom}
        onStep={typical({})}
      />
      <BarsCard
        title="Errors"
        chart="Failed spans over time"
        figure={total === undefined ? "" : formatPercent(total.errorCount / Math.max(1, total.count))}
        note={total === undefined ? "" : `${formatCount(total.errorCount)} failed`}
        series={bars?.errors}
        steps={steps}
        onZoom={zoom}
        onStep={typical({ status: "Error" })}
      />
      <RedCard
        title="Duration"
        figure={total === undefined ? "" : `p90 ${formatDuration(total.p90Nano)}`}
        note={
          total === undefined
            ? ""
            : `p50 ${formatDuration(total.p50Nano)}, p99 ${formatDuration(total.p99Nano)}`
        }
      >
        {heat.data === undefined ? (
          <Loading what="durations" height={chartHeight} />
        ) : (
          <HeatMap
            title="Durations over time"
            map={heat.data}
            height={chartHeight}
            selected={selectedArea(search, window)}
            onSelect={(area) => adjust(areaSelection(area))}
          />
        )}
      </RedCard>
    </div>
  );
}

function barsOf(
  total: SpanGroup | undefined,
): Readonly<Record<"rate" | "errors", readonly BarSeries[]>> | undefined {
  if (total === undefined) return undefined;
  return {
    rate: [{ name: "spans", colour: "var(--series-1)", counts: total.countSeries }],
    errors: [{ name: "failed", colour: "var(--error-fill)", counts: total.errorSeries }],
  };
}

/** Counts over time; `series` undefined while they are asked for. */
function BarsCard(props: {
  readonly title: string;
  readonly chart: string;
  readonly figure: string;
  readonly note: string;
  readonly series: readonly BarSeries[] | undefined;
  readonly steps: { readonly startMs: number; readonly stepMs: number };
  readonly onZoom: (startMs: number, endMs: number) => void;
  readonly onStep: StepAction;
}): ReactElement {
  const { title, chart, series, steps, onZoom, onStep } = props;
  return (
    <RedCard title={title} figure={props.figure} note={props.note}>
      {series === undefined ? (
        <Loading what={title.toLowerCase()} height={chartHeight} />
      ) : (
        <StackedBars
          title={chart}
          startMs={steps.startMs}
          stepMs={steps.stepMs}
          series={series}
          height={chartHeight}
          onZoom={onZoom}
          onStep={onStep}
        />
      )}
    </RedCard>
  );
}

function RedCard(props: {
  readonly title: string;
  readonly figure: string;
  readonly note: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className="card red-card" aria-label={props.title}>
      <header className="red-head">
        <h2>{props.title}</h2>
        <strong className="number">{props.figure}</strong>
        <span className="faint number">{props.note}</span>
      </header>
      {props.children}
    </section>
  );
}
