import { useRef, useState, type ReactElement } from "react";
import { Button } from "../../design/controls.tsx";
import type { ExportFormat } from "./export.ts";
import type { Cell } from "./export-text.ts";

export interface DataTable {
  readonly columns: readonly string[];
  /** Made only when the table is opened. */
  readonly rows: () => readonly (readonly string[])[];
  /** The same with numbers and ISO times, for files; `rows` when absent. */
  readonly values?: () => readonly (readonly Cell[])[];
}

const mostRows = 500;
const allFormats: readonly ExportFormat[] = ["csv", "json", "png"];
/** Of charts that are drawn as SVG. */
export const svgFormats: readonly ExportFormat[] = [...allFormats, "svg"];

/** The figures behind a chart as a table, for those who cannot see the chart or want to copy them. */
export function ShowData(props: {
  readonly title: string;
  readonly data: DataTable;
  readonly formats?: readonly ExportFormat[];
}): ReactElement {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState("");
  const place = useRef<HTMLDivElement>(null);
  const { title, data, formats = allFormats } = props;
  const rows = open ? data.rows() : [];
  function save(format: ExportFormat): void {
    const figure = place.current?.parentElement;
    if (figure === null || figure === undefined) return;
    setProblem("");
    const table = { columns: data.columns, rows: (data.values ?? data.rows)() };
    import("./export.ts")
      .then(({ exportChart }) => exportChart(format, title, table, figure))
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  }
  return (
    <div ref={place} className="show-data">
      <div className="show-data-buttons">
        {open
          ? formats.map((format) => (
              <Button
                key={format}
                kind="quiet"
                icon="download"
                className="show-data-button"
                onPress={() => save(format)}
              >
                {format.toUpperCase()}
                <span className="visually-hidden"> of {title}</span>
              </Button>
            ))
          : null}
        <Button
          kind="quiet"
          icon={open ? "up" : "down"}
          onPress={() => setOpen(!open)}
          className="show-data-button"
        >
          {open ? "Hide data" : "Show data"}
          <span className="visually-hidden"> of {title}</span>
        </Button>
      </div>
      {problem === "" ? null : (
        <p className="error-text" role="alert">
          Could not save: {problem}
        </p>
      )}
      {open ? (
        <div className="show-data-table" tabIndex={0} role="region" aria-label={`Data of ${title}`}>
          <table className="plain-table">
            <thead>
              <tr>
                {data.columns.map((column) => (
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
