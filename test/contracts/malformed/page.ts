import type { Case, Outcome } from "./case.ts";

export type Row = Pick<Case, "protocol" | "name" | "reason"> & Outcome;

const longest = 160;

function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
  return line.length > longest ? `${line.slice(0, longest)}...` : line;
}

/** The table as a page. */
export function malformedPage(rows: readonly Row[]): string {
  const parts = [
    "# Malformed input",
    "",
    "What Otelier answers when a client sends something wrong, and the reason under which the request is counted in",
    "`otelier_receiver_refused_requests` and shown beside the sender. After each of them the same server took good requests.",
    "Made by `test/contracts/malformed`, which sends all of it.",
    "",
    "- **taken**: stored as it is, as no mistake to us.",
    "- no reason: it never became a request for telemetry, or was not wrong enough to be refused.",
    "- closed: the server ends the connection without an answer. `GOAWAY` and `RST_STREAM` are HTTP/2's own answers.",
  ];
  for (const protocol of new Set(rows.map((row) => row.protocol))) {
    parts.push(
      "",
      `## ${protocol}`,
      "",
      "| what is wrong | answer | counted as | message |",
      "|---|---|---|---|",
    );
    for (const row of rows.filter((one) => one.protocol === protocol)) {
      parts.push(`| ${cell(row.name)} | ${row.answer} | ${row.reason} | ${cell(row.message)} |`);
    }
  }
  return `${parts.join("\n")}\n`;
}
