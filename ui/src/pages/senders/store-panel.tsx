import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { StatusAnswer } from "../../../../src/api/explore/wire.ts";
import { statusQuery } from "../../client/queries.ts";
import { formatBytes, formatCount, formatDay, formatDayClock } from "../../design/format.ts";
import { Icon } from "../../design/icons.tsx";
import { Answer } from "../../panels/states.tsx";

/** What lies on disk, and what the program noticed. */
export function StorePanel(): ReactElement {
  const status = useQuery(statusQuery());
  return (
    <section className="store" aria-label="Store">
      <Answer query={status} what="store">
        {(answer) => <StoreFacts status={answer} />}
      </Answer>
    </section>
  );
}

function StoreFacts(props: { readonly status: StatusAnswer }): ReactElement {
  const { store, notices, version, startedUnixMs } = props.status;
  const tables = store.tables
    .filter((table) => table.rows > 0)
    .toSorted((a, b) => b.bytesOnDisk - a.bytesOnDisk);
  const bytes = tables.reduce((sum, table) => sum + table.bytesOnDisk, 0);
  return (
    <>
      <div className="section-head">
        <h2>Store</h2>
        <span className={store.engineUp ? "badge badge-good" : "badge badge-error"}>
          {store.engineUp ? "engine up" : "engine down: what arrives is kept and inserted later"}
        </span>
        <span className="faint number">
          ClickHouse {store.engineVersion} · Otelier {version}, up since {formatDayClock(startedUnixMs)} ·{" "}
          {formatBytes(bytes)} on disk
          {store.pendingSegments > 0 ? ` · ${formatCount(store.pendingSegments)} segments waiting` : ""}
        </span>
      </div>
      {notices.map((notice) => (
        <p
          key={notice.message}
          className={
            notice.level === "error"
              ? "banner banner-error"
              : notice.level === "warning"
                ? "banner banner-warning"
                : "banner"
          }
        >
          <Icon
            name={notice.level === "info" ? "help" : notice.level === "error" ? "error" : "warning"}
            size={14}
          />
          {notice.message}
        </p>
      ))}
      {store.setAside.map((segment) => (
        <p key={segment.file} className="banner banner-error">
          <Icon name="error" size={14} />
          Segment {segment.file} was set aside: {segment.reason}
        </p>
      ))}
      {tables.length === 0 ? null : (
        <div className="card table-card" role="region" aria-label="Tables" tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Table</th>
                <th scope="col" className="right">
                  Rows
                </th>
                <th scope="col" className="right">
                  On disk
                </th>
                <th scope="col" className="right">
                  A row
                </th>
                <th scope="col" className="right">
                  Oldest
                </th>
                <th scope="col" className="right">
                  Newest
                </th>
              </tr>
            </thead>
            <tbody>
              {tables.map((table) => (
                <tr key={table.table}>
                  <th scope="row" className="mono">
                    {table.table}
                  </th>
                  <td className="right number">{formatCount(table.rows)}</td>
                  <td className="right number">{formatBytes(table.bytesOnDisk)}</td>
                  <td className="right number soft">{formatBytes(table.bytesOnDisk / table.rows)}</td>
                  <td className="right number faint">
                    {table.oldestMs > 0 ? formatDay(table.oldestMs) : "–"}
                  </td>
                  <td className="right number faint">
                    {table.newestMs > 0 ? formatDay(table.newestMs) : "–"}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
