import { useMemo, useState, type ReactElement } from "react";
import { Segments } from "../../design/controls.tsx";
import { formatCount, formatDuration, formatPercent } from "../../design/format.ts";
import { Dot } from "../../design/controls.tsx";
import { serviceColour } from "../../design/service-colour.ts";
import { CutNote } from "../../panels/states.tsx";
import type { CriticalPath } from "../../panels/waterfall/critical-path.ts";
import type { SpanTree } from "../../panels/waterfall/tree.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { spanStatistics, type StatisticRow } from "./statistics-model.ts";

const mostRows = 300;
type Column = "count" | "errors" | "totalNano" | "selfNano" | "criticalNano" | "p95Nano" | "maxNano";
const columns: readonly { readonly id: Column; readonly name: string; readonly isTime: boolean }[] = [
  { id: "count", name: "Spans", isTime: false },
  { id: "errors", name: "Errors", isTime: false },
  { id: "selfNano", name: "Own time", isTime: true },
  { id: "criticalNano", name: "On critical path", isTime: true },
  { id: "totalNano", name: "Total", isTime: true },
  { id: "p95Nano", name: "p95", isTime: true },
  { id: "maxNano", name: "Longest", isTime: true },
];

/** Where the time went, as a table; a row's name searches for its spans. */
export function Statistics(props: {
  readonly tree: SpanTree;
  readonly critical: CriticalPath;
}): ReactElement {
  const { tree, critical } = props;
  const { group } = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const [sort, setSort] = useState<Column>("selfNano");
  const rows = useMemo(() => spanStatistics(tree, critical, group), [tree, critical, group]);
  const sorted = useMemo(() => rows.toSorted((a, b) => b[sort] - a[sort]), [rows, sort]);
  const self = rows.reduce((sum, row) => sum + row.selfNano, 0);
  return (
    <div className="statistics">
      <div className="statistics-head">
        <Segments
          label="Group by"
          value={group}
          choices={[
            { id: "operation", name: "Operation" },
            { id: "service", name: "Service" },
            { id: "kind", name: "Kind" },
          ]}
          onChange={(chosen) => adjust({ group: chosen })}
        />
      </div>
      <div className="statistics-rows" tabIndex={0} role="region" aria-label="Statistics of the spans">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">
                {group === "operation" ? "Operation" : group === "service" ? "Service" : "Kind"}
              </th>
              {columns.map((column) => (
                <th
                  key={column.id}
                  scope="col"
                  className="right"
                  aria-sort={sort === column.id ? "descending" : "none"}
                >
                  <button
                    type="button"
                    className={`sort${sort === column.id ? " is-sorted" : ""}`}
                    onClick={() => setSort(column.id)}
                  >
                    {column.name}
                  </button>
                </th>
              ))}
              <th scope="col">Share of own time</th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, mostRows).map((row) => (
              <Row key={row.key} row={row} self={self} onFind={(text) => adjust({ text, view: "spans" })} />
            ))}
          </tbody>
        </table>
        {sorted.length > mostRows ? (
          <CutNote>
            Showing {mostRows} of {formatCount(sorted.length)} operations. Group by service or kind to see
            all.
          </CutNote>
        ) : null}
      </div>
    </div>
  );
}

function Row(props: {
  readonly row: StatisticRow;
  readonly self: number;
  readonly onFind: (text: string) => void;
}): ReactElement {
  const { row, self, onFind } = props;
  const share = row.selfNano / Math.max(1, self);
  return (
    <tr>
      <th scope="row" className="statistics-name">
        <span className="service-name">
          {row.service === "" ? null : <Dot colour={serviceColour(row.service)} />}
          {row.service === "" || row.name === "" ? null : <span className="soft">{row.service}</span>}
          <button
            type="button"
            className="text-button ellipsis"
            title="Find these spans"
            onClick={() => onFind([row.service, row.name].filter((word) => word !== "").join(" "))}
          >
            {row.name === "" ? row.service : row.name}
          </button>
        </span>
      </th>
      {columns.map(({ id, isTime }) => (
        <td
          key={id}
          className={`right number${id === "errors" && row.errors > 0 ? " error-text" : row[id] === 0 ? " faint" : ""}`}
        >
          {isTime ? formatDuration(row[id]) : formatCount(row[id])}
        </td>
      ))}
      <td>
        <span className="share">
          <span className="share-track" aria-hidden="true">
            <span
              style={{
                width: `${share * 100}%`,
                background: row.service === "" ? "var(--series-1)" : serviceColour(row.service),
              }}
            />
          </span>
          <span className="number">{formatPercent(share)}</span>
        </span>
      </td>
    </tr>
  );
}
