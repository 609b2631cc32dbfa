import { useMemo, useState, type ReactElement } from "react";
import type { MetricAnswer, MetricFunction, MetricSummary } from "../../../../src/api/explore/wire.ts";
import { formatClock, formatCount, formatMetricValue } from "../../design/format.ts";
import { seriesToken } from "../../design/palette.ts";
import { serviceToken } from "../../design/service-colour.ts";
import { LineChart } from "../../panels/charts/line-chart.tsx";
import { drawnUnit, functionNames, lineName, pickExemplars } from "../../panels/metrics/model.ts";
import { CutNote } from "../../panels/states.tsx";
import { useGo, usePageSearch, useSetTimeRange, useTimeRange } from "../../url/location.ts";
import { absoluteRange, resolveRange } from "../../url/time.ts";
import { Exemplars } from "./exemplars.tsx";
import { LineTable } from "./line-table.tsx";

interface LineDrawingProps {
  readonly answer: MetricAnswer;
  readonly metric: MetricSummary | undefined;
  readonly shown: MetricFunction;
  readonly updatedMs: number;
}

/** Lines of a metric with their figures, and exemplars that lead to traces. */
export function LineDrawing(props: LineDrawingProps): ReactElement {
  const { answer, metric, shown, updatedMs } = props;
  const search = usePageSearch("metrics");
  const range = useTimeRange();
  const setRange = useSetTimeRange();
  const go = useGo();
  const [focused, setFocused] = useState<number | undefined>(undefined);
  const together = shown === "percentiles";
  const unit = metric === undefined ? "" : drawnUnit(metric, shown);
  const format = (value: number): string => formatMetricValue(value, unit);
  const lines = useMemo(
    () =>
      answer.lines.map((line, i) => ({
        name: together ? line.group : lineName(line, search.groupBy, search.metric),
        token: search.groupBy === "service.name" ? serviceToken(line.group) : seriesToken(i),
        values: line.values,
      })),
    [answer, together, search.groupBy, search.metric],
  );
  const window = resolveRange(range, updatedMs);
  const exemplars = pickExemplars(answer.exemplars, window, 24);
  const points = exemplars.map((exemplar) => ({
    timeMs: exemplar.timeMs,
    value: exemplar.value,
    title: `Exemplar ${format(exemplar.value)} at ${formatClock(exemplar.timeMs)}: open its trace`,
    onOpen: () => go("trace", { id: exemplar.traceId, span: exemplar.spanId }),
  }));
  // Exemplars hold single observations: they belong on charts of values, not on rates and sums.
  const showPoints = shown !== "rate" && shown !== "sum";
  return (
    <>
      <div className="card metric-chart">
        <LineChart
          title={`${search.metric}, ${together ? "percentiles" : functionNames[shown].toLowerCase()}`}
          timesMs={answer.timesMs}
          lines={lines}
          points={showPoints ? points : []}
          startMs={window.startMs}
          endMs={window.endMs}
          height={320}
          format={format}
          focused={focused}
          onZoom={(startMs, endMs) => setRange(absoluteRange({ startMs, endMs }))}
        />
      </div>
      {answer.omittedLines > 0 ? (
        <CutNote>
          Showing the {answer.lines.length} largest of{" "}
          {formatCount(answer.lines.length + answer.omittedLines)} lines; filter by an attribute to see the
          others.
        </CutNote>
      ) : null}
      <LineTable answer={answer} lines={lines} format={format} onFocusLine={setFocused} />
      <Exemplars exemplars={exemplars} unit={metric?.unit ?? ""} />
    </>
  );
}
