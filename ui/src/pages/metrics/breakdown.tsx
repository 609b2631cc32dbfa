import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { MetricFunction, MetricSummary } from "../../../../src/api/explore/wire.ts";
import { useNow } from "../../client/now.ts";
import { metricSeriesQuery } from "../../client/queries.ts";
import { Button } from "../../design/controls.tsx";
import { formatCount, formatMetricValue } from "../../design/format.ts";
import { seriesToken } from "../../design/palette.ts";
import { Sparkline } from "../../panels/charts/sparkline.tsx";
import { drawnUnit, lineFigures, lineName, metricStep } from "../../panels/metrics/model.ts";
import { useSeen } from "../../panels/metrics/use-seen.ts";
import { Answer } from "../../panels/states.tsx";
import { addFilter, filterFor } from "../../url/attribute-filter.ts";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import { resolveRange } from "../../url/time.ts";

const mostKeys = 9;
const mostValues = 5;

/** The metric by each of its attributes, side by side: which of them tells its values apart. */
export function Breakdown(props: {
  readonly metric: MetricSummary;
  readonly shown: MetricFunction;
}): ReactElement | null {
  const { metric, shown } = props;
  const keys = [...new Set([...metric.attributeKeys, "service.name"])].slice(0, mostKeys);
  return (
    <section className="breakdown" aria-label="By attribute">
      <h2>By attribute</h2>
      <div className="breakdown-wall">
        {keys.map((key) => (
          <ByKey key={key} metric={metric} shown={shown} attribute={key} />
        ))}
      </div>
      {metric.attributeKeys.length > mostKeys ? (
        <p className="faint">
          The {mostKeys} most common of {metric.attributeKeys.length} attributes; the others are under Group
          by.
        </p>
      ) : null}
    </section>
  );
}

function ByKey(props: {
  readonly metric: MetricSummary;
  readonly shown: MetricFunction;
  readonly attribute: string;
}): ReactElement {
  const { metric, shown, attribute } = props;
  const search = usePageSearch("metrics");
  const adjust = useAdjust("metrics");
  const range = useTimeRange();
  const now = useNow();
  const [ref, seen] = useSeen();
  const window = resolveRange(range, now);
  const series = useQuery({
    ...metricSeriesQuery({
      ...range,
      metric: search.metric,
      service: search.service,
      function: shown,
      groupBy: attribute,
      attr: search.attr,
      step: `${metricStep(window.endMs - window.startMs, 60) / 1000}s`,
      limit: mostValues,
    }),
    enabled: seen,
  });
  const unit = drawnUnit(metric, shown);
  return (
    <section ref={ref} className="card breakdown-card" aria-label={`By ${attribute}`}>
      <div className="section-head">
        <h3 className="ellipsis" title={attribute}>
          {attribute}
        </h3>
        <span className="grow" />
        <Button kind="quiet" className="inline-button" onPress={() => adjust({ groupBy: attribute })}>
          Group by it
        </Button>
      </div>
      <Answer query={series} what={attribute} height={mostValues * 26}>
        {(answer) => (
          <>
            <ul>
              {answer.lines.map((line, i) => (
                <li key={line.group} className="breakdown-line">
                  <button
                    type="button"
                    className="line-name ellipsis"
                    title={`Only ${attribute} ${line.group}`}
                    disabled={line.group === ""}
                    onClick={() =>
                      adjust({
                        attr: addFilter(
                          search.attr,
                          attribute === "service.name"
                            ? filterFor("resource", attribute, line.group, "=")
                            : `${attribute}=${line.group}`,
                        ),
                      })
                    }
                  >
                    {lineName(line, attribute, search.metric)}
                  </button>
                  <Sparkline values={line.values} colour={`var(${seriesToken(i)})`} width={84} />
                  <span className="number">{lastText(lineFigures(line).last, unit)}</span>
                </li>
              ))}
            </ul>
            {answer.omittedLines > 0 ? (
              <p className="faint">and {formatCount(answer.omittedLines)} with smaller values</p>
            ) : null}
          </>
        )}
      </Answer>
    </section>
  );
}

function lastText(value: number | undefined, unit: string): string {
  return value === undefined ? "–" : formatMetricValue(value, unit);
}
