import { useMemo, type ReactElement, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import type { SpanGroup } from "../../../../src/api/explore/wire.ts";
import { heatmapQuery, spanGroupsQuery } from "../../client/span-queries.ts";
import { formatCount, formatDuration, formatPercent, formatRate } from "../../design/format.ts";
import { areaSelection } from "../../panels/charts/area-search.ts";
import { HeatMap } from "../../panels/charts/heat-map.tsx";
import { StackedBars } from "../../panels/charts/stacked-bars.tsx";
import { Loading } from "../../panels/states.tsx";
import { useAdjust, usePageSearch, useSetTimeRange } from "../../url/location.ts";
import { absoluteRange, resolveRange } from "../../url/time.ts";
import { filterParameters, selectedArea } from "./model.ts";

export const redSteps = 60;
const chartHeight = 118;

/** Rate, errors and duration of all spans that the filters leave. Drag on rate or errors to zoom, on durations to select. */
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
  // Nothing in the window: the list below says why, empty charts would add nothing.
  if (groups.data !== undefined && total === undefined) return <></>;
  const { startMs = window.startMs, stepMs = 1000 } = groups.data ?? {};
  return (
    <div className="red" aria-busy={groups.isPlaceholderData}>
      <RedCard
        title="Rate"
        figure={total === undefined ? "" : formatRate(total.count / seconds)}
        note={total === undefined ? "" : `${formatCount(total.count)} spans`}
      >
        {total === undefined ? (
          <Loading what="rate" height={chartHeight} />
        ) : (
          <StackedBars
            title="Spans over time"
            startMs={startMs}
            stepMs={stepMs}
            series={bars.rate}
            height={chartHeight}
            onZoom={zoom}
          />
        )}
      </RedCard>
      <RedCard
        title="Errors"
        figure={total === undefined ? "" : formatPercent(total.errorCount / Math.max(1, total.count))}
        note={total === undefined ? "" : `${formatCount(total.errorCount)} failed`}
      >
        {total === undefined ? (
          <Loading what="errors" height={chartHeight} />
        ) : (
          <StackedBars
            title="Failed spans over time"
            startMs={startMs}
            stepMs={stepMs}
            series={bars.errors}
            height={chartHeight}
            onZoom={zoom}
          />
        )}
      </RedCard>
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
): Readonly<Record<"rate" | "errors", Parameters<typeof StackedBars>[0]["series"]>> {
  return {
    rate: [{ name: "spans", colour: "var(--series-1)", counts: total?.countSeries ?? [] }],
    errors: [{ name: "failed", colour: "var(--error-fill)", counts: total?.errorSeries ?? [] }],
  };
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
