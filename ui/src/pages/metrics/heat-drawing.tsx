import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { MetricAnswer, MetricSummary } from "../../../../src/api/explore/wire.ts";
import { useNow } from "../../client/now.ts";
import { metricHeatmapQuery } from "../../client/queries.ts";
import { formatMetricValue } from "../../design/format.ts";
import { BucketMap } from "../../panels/charts/bucket-map.tsx";
import { metricStep, pickExemplars } from "../../panels/metrics/model.ts";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { usePageSearch, useSetTimeRange, useTimeRange } from "../../url/location.ts";
import { absoluteRange, resolveRange } from "../../url/time.ts";
import { Exemplars } from "./exemplars.tsx";

const columns = 60;
const height = 360;

/** All buckets of a histogram over time; `answer` gives the exemplars. */
export function HeatDrawing(props: {
  readonly answer: MetricAnswer;
  readonly metric: MetricSummary | undefined;
}): ReactElement {
  const { answer, metric } = props;
  const search = usePageSearch("metrics");
  const range = useTimeRange();
  const setRange = useSetTimeRange();
  const now = useNow();
  const window = resolveRange(range, now);
  const unit = metric?.unit ?? "";
  const heat = useQuery(
    metricHeatmapQuery({
      ...range,
      metric: search.metric,
      service: search.service,
      attr: search.attr,
      step: `${metricStep(window.endMs - window.startMs, columns) / 1000}s`,
    }),
  );
  return (
    <>
      <Answer query={heat} what="buckets" height={height}>
        {(map) =>
          map.step.length === 0 ? (
            <EmptyState reason={map.empty} what="values" />
          ) : (
            <div className="card metric-chart">
              <BucketMap
                title={`${search.metric}, heat map`}
                map={map}
                height={height}
                format={(value) => formatMetricValue(value, unit)}
                onZoom={(startMs, endMs) => setRange(absoluteRange({ startMs, endMs }))}
              />
            </div>
          )
        }
      </Answer>
      <Exemplars exemplars={pickExemplars(answer.exemplars, window, 24)} unit={unit} />
    </>
  );
}
