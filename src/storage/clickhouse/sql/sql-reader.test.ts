/** What users may and may not run, against the real engine. */
import { writeFileSync, existsSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { engineScene } from "../testdata/engine-scene.ts";
import { createSqlReader } from "./sql-reader.ts";
import type { SqlReader } from "../../store.ts";

const scene = engineScene();
const secret = path.join(scene.folder, "data", "secret.txt");
const stolen = path.join(scene.folder, "data", "stolen.txt");
let reader: SqlReader;

beforeAll(async () => {
  writeFileSync(secret, "the-secret\n");
  await scene.client.command(
    "INSERT INTO otel_traces (Timestamp, TraceId, SpanName, ServiceName, Duration, SpanAttributes) VALUES (now64(9), 'a', 'GET /', 'shop', 5000000, map('http.route', '/'))",
    { what: "insert a span" },
  );
  reader = createSqlReader(scene.client);
});

const context = { tenant: "" };

describe("allowed", () => {
  test.each([
    ["SELECT 1 AS one", [[1]]],
    ["select count() from otel_traces;", [["1"]]],
    [
      "SELECT ServiceName, SpanName FROM otel_traces WHERE Duration > 1e6 -- a comment\nORDER BY Duration DESC LIMIT 10",
      [["shop", "GET /"]],
    ],
    ["FROM otel_traces SELECT uniqExact(ServiceName)", [["1"]]],
    [
      `SELECT SpanAttributes['http.route'] AS "route", countIf(StatusCode = 'Error') FROM otelier.otel_traces GROUP BY route`,
      [["/", "0"]],
    ],
    [
      "WITH slow AS (SELECT * FROM otel_traces WHERE Duration > 0) SELECT count() FROM slow AS s JOIN otel_traces AS t ON s.TraceId = t.TraceId",
      [["1"]],
    ],
    ["SELECT quantile(0.95)(Duration) / 1e6 FROM otel_traces", [[5]]],
    [
      "SELECT arrayMap(x -> x + 1, [1, 2]), CASE WHEN 1 THEN 'a' ELSE 'b' END, toStartOfMinute(toDateTime('2024-01-01 10:11:12', 'UTC'))",
      [[[2, 3], "a", "2024-01-01 10:11:00"]],
    ],
    ["SELECT count() FROM otel_traces WHERE TraceId IN (SELECT TraceId FROM otel_logs)", [["0"]]],
    ["SELECT 'INTO OUTFILE; file(' AS text, `Body` FROM otel_logs", []],
    ["SELECT 1 UNION ALL SELECT 1", [[1], [1]]],
    ["SELECT row_number() OVER (ORDER BY Duration) FROM otel_traces", [["1"]]],
    ["SELECT sum(Duration) FILTER (WHERE ServiceName = 'shop') FROM otel_traces", [["5000000"]]],
    ["SELECT * EXCEPT (Timestamp) FROM otel_logs LIMIT 1", []],
    ["SELECT format('{}-{}', 'a', 'b')", [["a-b"]]],
  ])("%s", async (sql, rows) => {
    expect((await reader.sql(sql, context)).rows).toEqual(rows);
  });
});

const attacks: readonly string[] = [
  // reading files of the host
  `SELECT file('${secret}')`,
  `SELECT FILE('${secret}')`,
  `SELECT \`file\`('${secret}')`,
  `SELECT "file"('${secret}')`,
  `SELECT /* c */ file /* c */ ('${secret}')`,
  `SELECT * FROM file('${secret}', LineAsString)`,
  `SELECT count() FROM otel_traces WHERE SpanName = file('${secret}')`,
  `SELECT 1 IN (SELECT file('${secret}'))`,
  `WITH file('${secret}') AS f SELECT f`,
  `WITH (x -> file(x)) AS f SELECT f('${secret}')`,
  `SELECT arrayMap(x -> file(x), ['${secret}'])`,
  `SELECT arrayMap(file, ['${secret}'])`,
  `SELECT arrayMap((file), ['${secret}'])`,
  `SELECT arrayMap(\`file\`, ['${secret}'])`,
  `SELECT arrayFilter(file, ['${secret}'])`,
  `SELECT arrayFold(file, ['${secret}'], '')`,
  `SELECT mapApply(file, map('${secret}', 1))`,
  `SELECT arrayMap(file, ['${secret}']), (SELECT 1 AS file)`,
  `SELECT '${secret}' APPLY(file)`,
  `SELECT * APPLY(file) FROM (SELECT '${secret}' AS a)`,
  `SELECT * REPLACE (file('${secret}') AS SpanName) FROM otel_traces`,
  `SELECT COLUMNS('SpanName') APPLY file FROM otel_traces`,
  `SELECT 1 FROM otel_traces GROUP BY file('${secret}')`,
  `SELECT 1 ORDER BY file('${secret}')`,
  `SELECT 1 LIMIT length(file('${secret}'))`,
  `SELECT count() FROM fileCluster('default', '${secret}')`,
  // writing files
  `SELECT 1 INTO OUTFILE '${stolen}'`,
  `SELECT 1 into/**/outfile '${stolen}'`,
  `SELECT 1 INTO OUTFILE '${stolen}' TRUNCATE FORMAT CSV`,
  `INSERT INTO FUNCTION file('${stolen}') SELECT 1`,
  `EXPLAIN SELECT 1 INTO OUTFILE '${stolen}'`,
  // the network
  "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')",
  "SELECT * FROM s3('http://127.0.0.1:1/b/k', CSV)",
  "SELECT * FROM remote('127.0.0.1:1', otelier.otel_traces)",
  "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
  "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
  "SELECT * FROM executable('x', TSV, 'a String')",
  // other tables
  "SELECT * FROM system.tables",
  "SELECT * FROM `system`.`processes`",
  "SELECT * FROM `system.tables`",
  "SELECT * FROM information_schema.tables",
  "SELECT * FROM otelier_migrations",
  "SELECT 1 IN (system.one)",
  "SELECT 1 WHERE 1 IN system.numbers",
  "SELECT 1 IN otelier_migrations",
  "SELECT 1 WHERE 1 NOT IN (otelier_migrations)",
  "SELECT arrayReduce('sum', [1, 2])",
  "SELECT EXISTS(SELECT 1 FROM system.settings)",
  "SELECT (SELECT version FROM system.build_options LIMIT 1)",
  "SELECT * FROM otel_traces, system.one",
  "SELECT * FROM merge('system', '.*')",
  "SELECT * FROM cluster('default', system.one)",
  "SELECT * FROM numbers(10)",
  "SELECT * FROM view(SELECT * FROM system.one)",
  "SELECT * FROM values('a Int8', 1)",
  "SELECT * FROM (WITH otelier_migrations AS (SELECT 1) SELECT 1) AS a, otelier_migrations",
  "SELECT dictGet('d', 'a', 1)",
  "SELECT joinGet('j', 'a', 1)",
  // the server's state
  "SELECT hostName()",
  "SELECT version()",
  "SELECT currentUser()",
  "SELECT getSetting('max_threads')",
  "SELECT getMacro('x')",
  "SELECT addressToLine(1)",
  "SELECT sleep(3)",
  "SELECT sleepEachRow(3) FROM otel_traces",
  "SELECT throwIf(1)",
  "SELECT evalMLMethod('x', 1)",
  "SELECT catboostEvaluate('x', 1)",
  "SELECT filesystemAvailable()",
  "SELECT serverUUID()",
  "SELECT initializeAggregation('file', 1)",
  // settings and formats
  "SELECT 1 SETTINGS max_memory_usage = 0",
  "SELECT 1 FORMAT Null",
  "SELECT 1 SETTINGS/**/readonly=0",
  "SET readonly = 0",
  // other statements
  "SELECT 1; DROP TABLE otel_traces",
  "DROP TABLE otel_traces",
  "KILL QUERY WHERE 1",
  "DESCRIBE TABLE otel_traces",
  "SHOW TABLES",
  "INSERT INTO otel_traces SELECT * FROM otel_traces",
  "ALTER TABLE otel_traces DELETE WHERE 1",
  "SYSTEM SHUTDOWN",
  "EXPLAIN AST SELECT 1",
  "ATTACH TABLE x",
  "(SELECT 1)",
  "",
  ";",
  // brackets that would close ours
  "SELECT 1) UNION ALL (SELECT 1",
  `SELECT 1)) AS a, file('${secret}') FROM (SELECT 1 FROM (SELECT 1`,
  "SELECT [1)]",
  // text that two lexers could read differently
  "SELECT 'a",
  "SELECT 1 /* open",
  "SELECT $$a$$",
  "SELECT \u2018a\u2019",
  "SELECT {p:UInt8}",
  "SELECT @@version",
  "SELECT 1 -- \u0000",
  "SELECT `a\\`b`",
  "SELECT 1\u0000",
  "SELECT\u00a01",
  `SELECT 'x\\'' , file('${secret}') , '\\'y'`,
  `SELECT 'x''', file('${secret}'), '''y'`,
];

describe("refused", () => {
  test.each(attacks)("%s", async (sql) => {
    const outcome = await reader.sql(sql, context).then(
      (answer) => JSON.stringify(answer),
      (error: unknown) => error,
    );
    expect(outcome).toMatchObject({ outcome: "permanent" });
    expect(String(outcome)).not.toContain("the-secret");
    expect(existsSync(stolen)).toBe(false);
  });
});

test("limits hold: an endless query ends, and the store answers after it", async () => {
  const sql = `SELECT count() FROM ${Array.from({ length: 12 }, (_, at) => `(SELECT arrayJoin(range(1000)) AS a${at}) AS t${at}`).join(", ")}`;
  await expect(
    reader.sql(sql, { tenant: "", limits: { timeoutMs: 1000, memoryBytes: 64 * 1024 * 1024 } }),
  ).rejects.toMatchObject({ name: "OtelierError" });
  expect((await reader.sql("SELECT 2 AS two", context)).rows).toEqual([[2]]);
});

test("a message names the word, what it would take and the nearest name", async () => {
  await expect(reader.sql("SELECT * FROM otel_trace", context)).rejects.toThrow(
    `the table "otel_trace" cannot be read; did you mean "otel_traces"`,
  );
  await expect(reader.sql("SELECT cuont() FROM otel_logs", context)).rejects.toThrow(
    `the function "cuont" is not allowed; did you mean "count"`,
  );
  await expect(reader.sql("DELETE FROM otel_logs", context)).rejects.toThrow(
    `only SELECT is allowed, not "DELETE"`,
  );
});

test("telemetry of other tenants closes the door", async () => {
  await scene.client.command(
    "INSERT INTO otel_logs (Timestamp, Tenant, Body) VALUES (now64(9), 'acme', 'private')",
    { what: "insert a log" },
  );
  await expect(reader.sql("SELECT Body FROM otel_logs", context)).rejects.toThrow(
    "the store holds telemetry of tenants",
  );
  await expect(reader.sql("SELECT Body FROM otel_logs", { tenant: "acme" })).rejects.toThrow(
    'the store holds telemetry of others than tenant "acme"',
  );
  for (const table of ["otel_traces", "otel_metric_series"])
    await scene.client.command(`TRUNCATE TABLE ${table}`, { what: "empty a table" });
  await scene.client.command("ALTER TABLE otel_logs DELETE WHERE Tenant = '' SETTINGS mutations_sync = 1", {
    what: "drop what is of no tenant",
  });
  expect((await reader.sql("SELECT Body FROM otel_logs", { tenant: "acme" })).rows).toEqual([["private"]]);
});
