/** `otelier storage` as a person uses it: over a running stack, and on data directories that nobody uses. */
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  anyPorts,
  removeFolder,
  run,
  RunningProgram,
  temporaryFolder,
  urlsOf,
  type Ended,
  type Urls,
} from "../start/run-stack.ts";
import { until } from "../until.ts";
import { postTraces, spanCount, tracesOf } from "../start/telemetry.ts";

const folder = temporaryFolder();
let stack: RunningProgram;
let urls: Urls;

beforeAll(async () => {
  stack = new RunningProgram(["up", "--retention", "7d,logs=1d", ...anyPorts], { cwd: folder });
  urls = await urlsOf(stack);
  expect(await postTraces(urls.http, tracesOf("shop", 30))).toBe(200);
  expect(await postTraces(urls.http, tracesOf("cart", 10))).toBe(200);
  for (const [service, count] of [
    ["shop", 30],
    ["cart", 10],
  ] as const) {
    await until(async () => (await spanCount(urls.front, service)) === count);
  }
});
afterAll(async () => {
  await stack.stop();
  removeFolder(folder);
});

/** `otelier storage ...` against the stack. */
function storage(...args: readonly string[]): Promise<Ended> {
  return run(["storage", ...args, "--url", urls.front], { cwd: folder });
}

function spansIn(data: string): Promise<Ended> {
  return run(
    [
      "query",
      "--data",
      data,
      "--format",
      "tsv",
      "--sql",
      "SELECT ServiceName, count() AS n FROM otel_traces GROUP BY ServiceName ORDER BY n",
    ],
    { cwd: folder },
  );
}

const allSpans = "ServiceName\tn\ncart\t10\nshop\t30\n";

test("says what is kept, in a table and as JSON", async () => {
  // Keys of attributes are written beside the spans, not with them.
  await expect
    .poll(async () => (await storage()).stdout)
    .toMatch(/\nresource\.service\.name +traces +.* 40 +2\n/);
  const { code, stdout } = await storage();
  expect(code).toBe(0);
  expect(stdout).toMatch(/kept, .* free on the disk/);
  expect(stdout).toMatch(/\ntraces +[\d.]+ KiB +[\d.]+% +40 /);
  expect(stdout).toMatch(/\nshop +traces +.* 30\n/);
  const json = JSON.parse((await storage("--json")).stdout) as { retention: unknown };
  expect(json.retention).toEqual({
    maxAgeMs: { traces: 604_800_000, metrics: 604_800_000, logs: 86_400_000 },
    maxBytes: 5_000_000_000,
  });
});

test.each(["copy.tar", "copy"])("backs up to %s while the stack runs, and restores", async (target) => {
  const backup = await storage("backup", target);
  expect([backup.code, backup.stderr]).toEqual([0, expect.stringMatching(/backed up .* to /)]);
  expect((await storage("backup", target)).code).toBe(2);
  const data = `restored from ${target}`;
  const restored = await run(["storage", "restore", target, "--data", data], { cwd: folder });
  expect([restored.code, restored.stderr]).toEqual([
    0,
    expect.stringMatching(/restored [\d,]+ rows .* otelier up --data/),
  ]);
  expect((await spansIn(data)).stdout).toBe(allSpans);
  const again = await run(["storage", "restore", target, "--data", data], { cwd: folder });
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining("name an empty or a new directory"),
  ]);
});

test("a backup that was cut is refused and leaves nothing behind", async () => {
  expect((await storage("backup", "cut.tar")).code).toBe(0);
  const file = path.join(folder, "cut.tar");
  truncateSync(file, readFileSync(file).length - 2000);
  const { code, stderr } = await run(["storage", "restore", "cut.tar", "--data", "cut"], { cwd: folder });
  expect([code, stderr]).toEqual([1, expect.stringContaining("the backup is damaged: the archive ends")]);
  expect(readdirSync(path.join(folder, "cut"))).toEqual([]);
});

test.each(["parquet", "otlp-json"])(
  "exports %s of the running stack, imports it into a fresh directory",
  async (format) => {
    const exported = await storage("export", format, "--format", format);
    expect([exported.code, exported.stderr]).toEqual([0, expect.stringMatching(/exported .* files? to /)]);
    const files = readdirSync(path.join(folder, format));
    expect(files).toEqual([expect.stringMatching(/^(otel_)?traces\.\d{8}T\d{6}Z\.(parquet|jsonl)$/)]);
    const data = `from ${format}`;
    const imported = await run(["storage", "import", format, "--data", data], { cwd: folder });
    expect([imported.code, imported.stderr]).toEqual([0, "otelier: imported 40 rows of 1 files\n"]);
    expect((await spansIn(data)).stdout).toBe(allSpans);
  },
);

test("exports of one service and window only what is asked for", async () => {
  const { code } = await storage("export", "cart", "--service", "cart", "--signal", "traces", "--from", "1h");
  expect(code).toBe(0);
  const [file = ""] = readdirSync(path.join(folder, "cart"));
  const text = readFileSync(path.join(folder, "cart", file), "utf8");
  expect(text.match(/"spanId"/g)).toHaveLength(10);
  const nothing = await storage("export", "nothing", "--to", "2020-01-01");
  expect([nothing.code, nothing.stderr]).toEqual([0, "otelier: nothing matches: no file was written\n"]);
});

test("imports into the running stack what is young, and what is old to be kept", async () => {
  const line = (startMs: number): string =>
    JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "imported" } }] },
          scopeLogs: [{ logRecords: [{ timeUnixNano: `${startMs}000000`, body: { stringValue: "hello" } }] }],
        },
      ],
    });
  const old = Date.now() - 3 * 86_400_000;
  writeFileSync(path.join(folder, "lines.jsonl"), `${line(Date.now())}\n${line(old)}\n`);
  const refused = await storage("import", "lines.jsonl");
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^otelier: lines.jsonl: cannot import: 1 items of logs are older than the retention of 1d .*--keep.*\(nothing was imported\)\n$/,
    ),
  ]);
  const kept = await storage("import", "lines.jsonl", "--keep");
  expect([kept.code, kept.stderr]).toEqual([0, "otelier: imported 2 rows of 1 files\n"]);
  expect((await storage()).stdout).toContain(
    `${new Date(old).toISOString().slice(0, 10)} was imported for keeping`,
  );
  expect(existsSync(path.join(folder, ".otelier/kept-days.json"))).toBe(true);
});

test("imports into a directory what its last stack would keep", async () => {
  const old = String(BigInt(Date.now() - 8 * 86_400_000) * 1_000_000n);
  const traces = tracesOf("old") as {
    resourceSpans: { scopeSpans: { spans: { startTimeUnixNano: string }[] }[] }[];
  };
  for (const span of traces.resourceSpans[0]?.scopeSpans[0]?.spans ?? []) span.startTimeUnixNano = old;
  writeFileSync(path.join(folder, "old.jsonl"), JSON.stringify(traces));
  const into = (data: string, ...rest: string[]): Promise<Ended> =>
    run(["storage", "import", "old.jsonl", "--data", data, ...rest], { cwd: folder });
  expect((await into("never used")).stderr).toContain("older than the retention of 7d");
  expect((await into("never used", "--keep")).code).toBe(0);
  const stopped = new RunningProgram(["up", "--data", "kept", "--retention", "30d", ...anyPorts], {
    cwd: folder,
  });
  await urlsOf(stopped);
  await stopped.stop();
  expect((await into("kept")).stderr).toBe("otelier: imported 1 rows of 1 files\n");
});

test.each([
  [["backup"], 2, /"storage backup" needs one file or directory, got 0/],
  [["restore", "copy.tar"], 2, /"--data" is missing/],
  [["export", "x", "--from", "soon"], 2, /option "--from" cannot be "soon"/],
  [["export", "x", "--from", "1h", "--to", "2h"], 2, /must be before/],
  [["export", "x", "--format", "csv"], 2, /option "--format" cannot be "csv"/],
  [["import", "missing.jsonl"], 2, /there is no such file or directory/],
  [["--top", "many"], 2, /option "--top" cannot be "many"/],
  [["backups"], 2, /unknown word "backups"/],
] as const)("%j is refused with its fix", async (args, wanted, message) => {
  const { code, stderr } = await storage(...args);
  expect([code, stderr]).toEqual([wanted, expect.stringMatching(message)]);
});
