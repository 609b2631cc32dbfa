/** The table behind a chart as a file. Pure. */
export type Cell = string | number | null;

export interface ExportTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** RFC 4180 with CRLF. A text that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvOf(table: ExportTable): string {
  return [table.columns, ...table.rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An array of one object a row, by the names of the columns; a name that comes twice gets its place behind it. */
export function jsonOf(table: ExportTable): string {
  const names = table.columns.map((name, i) =>
    table.columns.indexOf(name) === i ? name : `${name} (${i + 1})`,
  );
  const rows = table.rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** A file's name from a chart's title: "Log records by severity" is "log-records-by-severity". */
export function fileNameOf(title: string): string {
  const name = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}.]+/gu, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return name === "" ? "chart" : name.slice(0, 80);
}
