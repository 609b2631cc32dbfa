import { useMemo, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { traceQuery, tracesQuery } from "../../client/queries.ts";
import { Button, Dot, TextField } from "../../design/controls.tsx";
import { formatCount, formatDayClock, formatDuration, nanoToMs, plural } from "../../design/format.ts";
import { serviceColour } from "../../design/service-colour.ts";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { findCriticalPath } from "../../panels/waterfall/critical-path.ts";
import { buildTree, type SpanTree } from "../../panels/waterfall/tree.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";
import { absoluteRange } from "../../url/time.ts";
import { compareStatistics, spanStatistics, type DifferenceRow } from "./statistics-model.ts";

const mostRows = 300;
const aroundMs = 3_600_000;

/** This trace against another, operation by operation. */
export function Compare(props: { readonly tree: SpanTree }): ReactElement {
  const { tree } = props;
  const search = usePageSearch("trace");
  const adjust = useAdjust("trace");
  if (search.with === "") return <Choose tree={tree} onChoose={(id) => adjust({ with: id })} />;
  return <Compared tree={tree} other={search.with} onOther={() => adjust({ with: "" })} />;
}

/** Traces with the same root within an hour, the slowest first. */
function Choose(props: { readonly tree: SpanTree; readonly onChoose: (id: string) => void }): ReactElement {
  const { tree, onChoose } = props;
  const { skeleton } = tree;
  const startMs = nanoToMs(skeleton.startUnixNano);
  const range = absoluteRange({ startMs: startMs - aroundMs, endMs: startMs + aroundMs });
  const traces = useQuery(
    tracesQuery({
      ...range,
      service: skeleton.services[skeleton.service[0]!],
      operation: skeleton.names[skeleton.name[0]!],
      order: "slowest",
      limit: 30,
    }),
  );
  return (
    <div className="compare-choose">
      <TextField
        className="id-field"
        label="Compare with the trace"
        value=""
        placeholder="4bf92f3577b34da6a3ce929d0e0e4736"
        onCommit={(id) => (id.trim() === "" ? undefined : onChoose(id.trim().toLowerCase()))}
      />
      <h2>or with one that begins alike, within an hour</h2>
      <Answer query={traces} what="traces like this">
        {(page) => {
          const others = page.items.filter((trace) => trace.traceId !== skeleton.traceId);
          if (others.length === 0) {
            return page.empty === undefined ? (
              <p className="soft">There is no other trace with this root in the hour before and after.</p>
            ) : (
              <EmptyState reason={page.empty} what="traces" />
            );
          }
          return (
            <ul className="compare-list">
              {others.map((trace) => (
                <li key={trace.traceId}>
                  <Button kind="quiet" onPress={() => onChoose(trace.traceId)}>
                    <span className="number">{formatDayClock(nanoToMs(trace.startUnixNano), true)}</span>
                    <strong className="number">{formatDuration(trace.durationNano)}</strong>
                    <span className="number soft">{plural(trace.spanCount, "span")}</span>
                    {trace.errorCount > 0 ? (
                      <span className="error-text number">{plural(trace.errorCount, "error")}</span>
                    ) : null}
                  </Button>
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </div>
  );
}

function Compared(props: {
  readonly tree: SpanTree;
  readonly other: string;
  readonly onOther: () => void;
}): ReactElement {
  const { tree, other, onOther } = props;
  const trace = useQuery(traceQuery(other));
  return (
    <div className="statistics">
      <div className="statistics-head">
        <span>
          <span className="soft">This trace</span>{" "}
          <strong className="number">{formatDuration(tree.skeleton.durationNano)}</strong>
        </span>
        <span>
          <span className="soft">against</span>{" "}
          <PageLink page="trace" search={{ id: other, view: "compare", with: tree.skeleton.traceId }}>
            <code>{other.slice(0, 16)}…</code>
          </PageLink>{" "}
          {trace.data?.trace === undefined ? null : (
            <strong className="number">{formatDuration(trace.data.trace.durationNano)}</strong>
          )}
        </span>
        <Button kind="quiet" onPress={onOther}>
          Choose another
        </Button>
      </div>
      <Answer query={{ ...trace, isPlaceholderData: false }} what="the other trace" fill>
        {(answer) =>
          answer.trace === undefined ? (
            <EmptyState reason={answer.empty} what="trace" />
          ) : (
            <Differences tree={tree} other={answer.trace} />
          )
        }
      </Answer>
    </div>
  );
}

function Differences(props: { readonly tree: SpanTree; readonly other: TraceSkeleton }): ReactElement {
  const { tree, other } = props;
  const rows = useMemo(() => {
    const of = (one: SpanTree): ReturnType<typeof spanStatistics> =>
      spanStatistics(one, findCriticalPath(one), "operation");
    return compareStatistics(of(buildTree(other)), of(tree));
  }, [tree, other]);
  const most = rows.reduce((max, row) => Math.max(max, Math.abs(row.selfNano)), 1);
  return (
    <div className="statistics-rows" tabIndex={0} role="region" aria-label="Differences between the traces">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col" className="right">
              Spans, other
            </th>
            <th scope="col" className="right">
              Spans, this
            </th>
            <th scope="col" className="right">
              Own time, other
            </th>
            <th scope="col" className="right">
              Own time, this
            </th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, mostRows).map((row) => (
            <Difference key={row.key} row={row} most={most} />
          ))}
        </tbody>
      </table>
      {rows.length > mostRows ? (
        <CutNote>
          Showing the {mostRows} largest differences of {formatCount(rows.length)}.
        </CutNote>
      ) : null}
    </div>
  );
}

function Difference(props: { readonly row: DifferenceRow; readonly most: number }): ReactElement {
  const { row, most } = props;
  const { before, after, selfNano } = row;
  const only = before === undefined ? "only in this" : after === undefined ? "only in the other" : "";
  return (
    <tr>
      <th scope="row" className="statistics-name">
        <span className="service-name">
          <Dot colour={serviceColour(row.service)} />
          <span className="soft">{row.service}</span>
          <span className="ellipsis" title={row.name}>
            {row.name}
          </span>
          {only === "" ? null : <span className="badge badge-warning">{only}</span>}
        </span>
      </th>
      <td className="right number soft">{before === undefined ? "–" : formatCount(before.count)}</td>
      <td className="right number">{after === undefined ? "–" : formatCount(after.count)}</td>
      <td className="right number soft">{before === undefined ? "–" : formatDuration(before.selfNano)}</td>
      <td className="right number">{after === undefined ? "–" : formatDuration(after.selfNano)}</td>
      <td>
        <span className="difference-bar">
          <span className="difference-side difference-less" aria-hidden="true">
            {selfNano < 0 ? <span style={{ width: `${(-selfNano / most) * 100}%` }} /> : null}
          </span>
          <span className="difference-side difference-more" aria-hidden="true">
            {selfNano > 0 ? <span style={{ width: `${(selfNano / most) * 100}%` }} /> : null}
          </span>
          <span className="number">
            {selfNano > 0 ? "+" : ""}
            {formatDuration(selfNano)}
          </span>
        </span>
      </td>
    </tr>
  );
}
