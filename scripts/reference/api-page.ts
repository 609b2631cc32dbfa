import { readFileSync } from "node:fs";
import path from "node:path";

const behind = `## Answers that are none

| status | code | when |
|---|---|---|
| 400 | \`bad-parameter\` | a parameter is wrong; all wrong ones are named, separated by semicolons |
| 400 | \`sql-refused\` | the SQL is not one SELECT over the telemetry tables |
| 401 | | credentials are missing or wrong (plain text) |
| 403 | | the Host or Origin header is another site's (plain text) |
| 404 | \`not-found\` | there is no such path; a trace that is not there is 200 with \`empty\` |
| 405 | \`method-not-allowed\` | GET where POST is taken, or the reverse |
| 400 | \`import-unreadable\` \`import-too-old\` | what is to be imported is no telemetry, or older than the retention |
| 413 | \`body-too-large\` | a SQL text of more than 64 KiB, or a piece of an import of more than 128 MiB |
| 422 | \`query-memory\` | the query needs too much memory |
| 503 | | the database is away for now, or too many pages are live |
| 504 | \`query-timeout\` | the query takes too long |

Lists are \`{items, truncated, empty?}\`: \`truncated\` says that more exist, \`empty\` why there is nothing (\`code\`, \`message\`, \`hint\`, and where
there is something). Times of telemetry are Unix nanoseconds as text, since they do not fit a number.

\`/api/health\` and \`/api/ready\` need no credentials. Beside the API the port serves \`/metrics\` (own metrics for Prometheus) and the UI.

## Examples

    curl 'http://localhost:4319/api/services?from=now-15m'
    curl 'http://localhost:4319/api/traces?service=storefront&status=Error&minDuration=100ms&limit=20'
    curl 'http://localhost:4319/api/logs?severity=17&text=timeout'
    curl -N 'http://localhost:4319/api/live'
    curl http://localhost:4319/api/storage
    curl -X POST -o monday.tar http://localhost:4319/api/storage/backup
    curl --data 'SELECT ServiceName, count() FROM otel_traces GROUP BY ServiceName' http://localhost:4319/api/sql
`;

/** The page of the JSON API: the head comment of its types, which holds the table of paths, and what they have in common. */
export function apiPage(root: string): string {
  const source = readFileSync(path.join(root, "src/api/explore/wire.ts"), "utf8");
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? "";
  const [, ...paragraphs] = comment.replace(/^ \* ?/gm, "").split("\n\n");
  const intro = `The UI uses this API, and so may you. Its types are in [\`src/api/explore/wire.ts\`](../../src/api/explore/wire.ts), from which this page is made.`;
  return ["# The JSON API", intro, ...paragraphs, behind].join("\n\n");
}
