import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { SpanGroup, SpanGroups } from "../../../../src/api/explore/wire.ts";
import { spanGroupsQuery } from "../../client/span-queries.ts";
import { Dot, Segments, TextField } from "../../design/controls.tsx";
import { formatCount, formatDuration, formatPercent, formatRate, plural } from "../../design/format.ts";
import { seriesColourCount, seriesToken } from "../../design/palette.ts";
import { serviceToken } from "../../design/service-colour.ts";
import { LineChart } from "../../panels/charts/line-chart.tsx";
import { Sparkline } from "../../panels/charts/sparkline.tsx";
import { StackedBars } from "../../panels/charts/stacked-bars.tsx";
import { showsTypical, useTypicalTrace } from "../../panels/charts/use-typical-trace.ts";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { useAdjust, usePageSearch, useSetTimeRange } from "../../url/location.ts";
import type { TracesSearch } from "../../url/pages.ts";
import { absoluteRange, resolveRange } from "../../url/time.ts";
import { ValueActions } from "./value-actions.tsx";
import { chosenParameters, fieldFilter } from "./model.ts";
import { useFields } from "./use-fields.ts";

const steps = 90;
const firstGroups = 12;
const chartHeight = 170;
const quickFields = ["service", "name", "kind", "status"] as const;

/** Rate, errors and duration by the values of one field. */
export function Breakdown(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const fields = useFields();
  const by = search.by === "" ? "service" : search.by;
  const [limit, setLimit] = useState(firstGroups);
  const groups = useQuery(spanGroupsQuery({ ...chosenParameters(search), by, steps, limit }));
  const quick = quickFields.find((field) => field === by);
  return (
    <div className="view breakdown">
      <div className="view-head">
        <Segments
          label="Draw"
          value={search.metric}
          choices={[
            { id: "rate", name: "Rate" },
            { id: "errors", name: "Errors" },
            { id: "duration", name: "Duration" },
          ]}
          onChange={(metric) => adjust({ metric })}
        />
        <TextField
          className="by-field"
          label="By"
          value={by}
          list={fields}
          placeholder="service, name, http.route"
          onCommit={(field) => adjust({ by: field.trim() })}
        />
        <Segments
          label="Group by"
          value={quick ?? "none"}
          choices={quickFields.map((field) => ({ id: field, name: field }))}
          onChange={(field) => adjust({ by: field })}
        />
      </div>
      <Answer query={groups} what="groups" height={300}>
        {(answer) =>
          answer.groups.length === 0 ? (
            <EmptyState reason={answer.empty} what="spans" />
          ) : (
            <Groups
              answer={answer}
              by={by}
              updatedMs={groups.dataUpdatedAt}
              {...(limit < 100 ? { onMore: () => setLimit(100) } : {})}
            />
          )
        }
      </Answer>
    </div>
  );
}

/** A service keeps its colour; other values take the series colours in order. */
function tokenOf(by: string, value: string, index: number): string {
  return by === "service" || by === "resource.service.name"
    ? serviceToken(value)
    : seriesToken(index % seriesColourCount);
}

function Groups(props: {
  readonly answer: SpanGroups;
  readonly by: string;
  readonly updatedMs: number;
  readonly onMore?: () => void;
}): ReactElement {
  const { answer, by, updatedMs, onMore } = props;
  const search = usePageSearch("traces");
  const window = resolveRange(
    { from: String(chosenParameters(search).from), to: String(chosenParameters(search).to) },
    updatedMs,
  );
  const seconds = (window.endMs - window.startMs) / 1000;
  const all = answer.omittedSpans + answer.groups.reduce((sum, group) => sum + group.count, 0);
  return (
    <>
      <GroupChart answer={answer} by={by} />
      <div className="card table-card">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{by}</th>
              <th scope="col">Rate</th>
              <th scope="col">Share</th>
              <th scope="col">Errors</th>
              <th scope="col">p90 over time</th>
              <th scope="col" className="right">
                p50
              </th>
              <th scope="col" className="right">
                p90
              </th>
              <th scope="col" className="right">
                p99
              </th>
              <th scope="col">
                <span className="visually-hidden">Filter</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.groups.map((group, i) => (
              <GroupRow
                key={group.value}
                group={group}
                by={by}
                token={tokenOf(by, group.value, i)}
                seconds={seconds}
                share={group.count / Math.max(1, all)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {answer.omittedGroups > 0 ? (
        <CutNote {...(onMore === undefined ? {} : { onMore })}>
          Showing the {answer.groups.length} values with most spans of{" "}
          {formatCount(answer.groups.length + answer.omittedGroups)}; the others have{" "}
          {plural(answer.omittedSpans, "span")}.
        </CutNote>
      ) : null}
    </>
  );
}

function GroupRow(props: {
  readonly group: SpanGroup;
  readonly by: string;
  readonly token: string;
  readonly seconds: number;
  readonly share: number;
}): ReactElement {
  const { group, by, token, seconds, share } = props;
  const errorShare = group.errorCount / Math.max(1, group.count);
  return (
    <tr>
      <th scope="row">
        <span className="group-value">
          <Dot colour={`var(${token})`} />
          <span className="ellipsis" title={group.value}>
            {group.value === "" ? <span className="faint">none</span> : group.value}
          </span>
        </span>
      </th>
      <td>
        <span className="figure-line">
          <Sparkline values={group.countSeries} colour={`var(${token})`} kind="bars" />
          <span className="number">{formatRate(group.count / seconds)}</span>
        </span>
      </td>
      <td className="number soft">{formatPercent(share)}</td>
      <td>
        <span className="figure-line">
          <Sparkline values={group.errorSeries} colour="var(--error-fill)" kind="bars" width={64} />
          <span className={errorShare > 0 ? "number error-text" : "number faint"}>
            {formatPercent(errorShare)}
          </span>
        </span>
      </td>
      <td>
        <Sparkline values={group.p90Series} colour={`var(${token})`} />
      </td>
      <td className="right number soft">{formatDuration(group.p50Nano)}</td>
      <td className="right number">{formatDuration(group.p90Nano)}</td>
      <td className="right number soft">{formatDuration(group.p99Nano)}</td>
      <td className="row-actions">
        <ValueActions field={by} value={group.value} />
      </td>
    </tr>
  );
}

function GroupChart(props: { readonly answer: SpanGroups; readonly by: string }): ReactElement {
  const { answer, by } = props;
  const { metric } = usePageSearch("traces");
  const setRange = useSetTimeRange();
  const { startMs, stepMs, groups } = answer;
  const zoom = (from: number, to: number): void => setRange(absoluteRange({ startMs: from, endMs: to }));
  const search = usePageSearch("traces");
  const openTypical = useTypicalTrace();
  const openOf = (more: Partial<TracesSearch>, rank: number, from: number, to: number): void => {
    const found = { ...search, ...more, tab: "traces" as const };
    openTypical({ parameters: chosenParameters(found), search: found, rank }, from, to);
  };
  const nameOf = (group: SpanGroup): string => (group.value === "" ? "none" : group.value);
  if (metric === "duration") {
    return (
      <div className="card breakdown-chart">
        <LineChart
          title={`p90 of durations by ${by}`}
          timesMs={groups[0]?.countSeries.map((_, i) => startMs + (i + 0.5) * stepMs) ?? []}
          lines={groups.map((group, i) => ({
            name: nameOf(group),
            token: tokenOf(by, group.value, i),
            values: group.p90Series,
          }))}
          startMs={startMs}
          endMs={startMs + steps * stepMs}
          height={chartHeight}
          format={formatDuration}
          onZoom={zoom}
          onPoint={{
            does: "shows a trace of that p90",
            take: (line, step) => {
              // Of one group, when a filter can say which; else of all.
              const one = fieldFilter(search, by, groups[line]?.value ?? "", "=");
              openOf(one ?? {}, 0.9, startMs + step * stepMs, startMs + (step + 1) * stepMs);
            },
          }}
        />
      </div>
    );
  }
  return (
    <div className="card breakdown-chart">
      <StackedBars
        title={metric === "rate" ? `Spans by ${by}` : `Failed spans by ${by}`}
        startMs={startMs}
        stepMs={stepMs}
        series={groups.map((group, i) => ({
          name: nameOf(group),
          colour: `var(${tokenOf(by, group.value, i)})`,
          counts: metric === "rate" ? group.countSeries : group.errorSeries,
        }))}
        height={chartHeight}
        onZoom={zoom}
        onStep={{
          does: showsTypical,
          take: (from, to) => openOf(metric === "errors" ? { status: "Error" } : {}, 0.5, from, to),
        }}
      />
    </div>
  );
}
