import { useState, type ReactElement } from "react";
import { Button } from "../../design/controls.tsx";

export interface DataTable {
  readonly columns: readonly string[];
  /** Made only when the table is opened. */
  readonly rows: () => readonly (readonly string[])[];
}

const mostRows = 500;

/** The figures behind a chart as a table, for those who cannot see the chart or want to copy them. */
export function ShowData(props: { readonly title: string; readonly data: DataTable }): ReactElement {
  const [open, setOpen] = useState(false);
  const rows = open ? props.data.rows() : [];
  return (
    <div className="show-data">
      <Button
        kind="quiet"
        icon={open ? "up" : "down"}
        onPress={() => setOpen(!open)}
        className="show-data-button"
      >
        {open ? "Hide data" : "Show data"}
        <span className="visually-hidden"> of {props.title}</span>
      </Button>
      {open ? (
        <div className="show-data-table" tabIndex={0} role="region" aria-label={`Data of ${props.title}`}>
          <table className="plain-table">
            <thead>
              <tr>
                {props.data.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, mostRows).map((row, i) => (
                <tr key={i}>
                  {row.map((cell, j) => (
                    <td key={j} className="number">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length > mostRows ? (
            <p className="faint">
              Showing {mostRows} of {rows.length} rows.
            </p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
