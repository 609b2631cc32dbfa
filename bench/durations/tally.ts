/** What is measured of one server, delay and kind of connection, and how it is shown. */
import type { Figure } from "../figure.ts";

/** Of one request, in milliseconds. */
interface Pair {
  /** From before the request is written until its answer is read. */
  readonly clientMs: number;
  /** From before its connection is opened; the same as `clientMs` over one that is open. */
  readonly withOpeningMs: number;
  readonly spanMs: number;
}

/** A span that differs by less is called close. */
const close = 0.05;

export class Tally {
  readonly name: string;
  private readonly opens: boolean;
  private readonly pairs: Pair[] = [];

  constructor(name: string, opens: boolean) {
    this.name = name;
    this.opens = opens;
  }

  add(pair: Pair): void {
    this.pairs.push(pair);
  }

  figures(): readonly Figure[] {
    const { name } = this;
    const shares = this.shares(({ clientMs }) => clientMs);
    const clientMs = median(this.pairs.map((pair) => pair.clientMs));
    const figures: Figure[] = [
      { name: `${name}, client`, unit: "ms", value: rounded(clientMs) },
      { name: `${name}, span shorter by`, unit: "%", value: rounded(100 * median(shares)) },
      { name: `${name}, spans within 5 %`, unit: "%", value: rounded(100 * closeOf(shares)) },
    ];
    if (!this.opens) return figures;
    const all = 100 * median(this.shares(({ withOpeningMs }) => withOpeningMs));
    return [...figures, { name: `${name}, with its opening, shorter by`, unit: "%", value: rounded(all) }];
  }

  /** One line of the table. */
  row(): readonly string[] {
    const shares = this.shares(({ clientMs }) => clientMs);
    const all = this.shares(({ withOpeningMs }) => withOpeningMs);
    const shorterMs = median(this.pairs.map(({ clientMs, spanMs }) => clientMs - spanMs));
    return [
      this.name,
      `${median(this.pairs.map(({ clientMs }) => clientMs)).toFixed(3)} ms`,
      `${shorterMs.toFixed(3)} ms`,
      `${(100 * median(shares)).toFixed(1)} %`,
      `${(100 * closeOf(shares)).toFixed(0)} %`,
      this.opens ? `${(100 * median(all)).toFixed(1)} %` : "",
    ];
  }

  private shares(measured: (pair: Pair) => number): readonly number[] {
    return this.pairs.map((pair) => (measured(pair) - pair.spanMs) / measured(pair));
  }
}

/** The rows as a table in Markdown, columns side by side. */
export function tableOf(tallies: readonly Tally[]): string {
  const head = [
    "server, answers after, connection",
    "the client measures",
    "the span is shorter by",
    "that is",
    "within 5 %",
    "of all with the opening",
  ];
  const rows = [head, ...tallies.map((tally) => tally.row())];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`,
  );
  return [lines[0], `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...lines.slice(1)].join(
    "\n",
  );
}

function closeOf(shares: readonly number[]): number {
  return shares.filter((share) => Math.abs(share) <= close).length / shares.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? 0;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
