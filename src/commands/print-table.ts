import type { TableAnswer } from "../storage/store.ts";

/** Longest cell of a table for people; the rest is cut with "…". */
const maxCell = 80;

/** Columns padded to their widest cell, numbers to the right, with a rule below the names. */
export function printTable({ columns, rows }: TableAnswer): string {
  const names = columns.map(({ name }) => cut(name));
  const cells = rows.map((row) => row.map((value) => cut(cellText(value).replace(/\s+/g, " "))));
  const widths = names.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const right = columns.map(({ type }) => /^(Nullable\()?(U?Int|Float|Decimal)/.test(type));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (right[at] === true ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const count = `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`;
  return `${[line(names), rule, ...cells.map(line), count].join("\n")}\n`;
}

/** ClickHouse's TabSeparatedWithNames: tabs, line breaks and backslashes are escaped. */
export function printTsv({ columns, rows }: TableAnswer): string {
  const escape = (text: string): string =>
    text.replace(
      /[\\\t\n\r]/g,
      (found) => ({ "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" })[found] ?? found,
    );
  const lines = [
    columns.map(({ name }) => escape(name)),
    ...rows.map((row) => row.map((value) => escape(cellText(value)))),
  ];
  return lines.map((line) => `${line.join("\t")}\n`).join("");
}

function cellText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > maxCell ? `${text.slice(0, maxCell - 1)}…` : text;
}
