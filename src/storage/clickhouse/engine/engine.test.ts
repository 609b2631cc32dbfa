/** The engine process as its parent and its clients see it; one data directory for all. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { ClickHouseClient } from "../client/client.ts";
import { migrate } from "../schema/migrate.ts";
import { migrations } from "../schema/migrations.ts";
import { takeDataDirectory, type DataDirectory } from "./data-directory.ts";
import { EngineSupervisor } from "./supervisor.ts";

const root = mkdtempSync(join(tmpdir(), "otelier-engine-"));
const what = "test";
let directory: DataDirectory;
let engine: EngineSupervisor;
let client: ClickHouseClient;
const events: string[] = [];

beforeAll(async () => {
  directory = takeDataDirectory(join(root, "data"));
  engine = await EngineSupervisor.start({
    directory,
    onDown: (reason) => events.push(reason),
    onUp: () => events.push("up"),
  });
  client = new ClickHouseClient({
    address: { kind: "socket", path: engine.socketPath, database: "otelier" },
  });
});

afterAll(async () => {
  await client.close();
  await engine.stop();
  directory.release();
  rmSync(root, { recursive: true, force: true });
});

async function until(done: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200 && !done(); attempt++) await systemClock.sleep(50);
  expect(done()).toBe(true);
}

describe("data directory", () => {
  it("keeps itself out of version control and its socket private", () => {
    expect(readFileSync(join(directory.path, ".gitignore"), "utf8")).toBe("*\n");
    expect(statSync(engine.socketPath).mode & 0o777).toBe(0o600);
  });

  it("refuses a second program and names the first", () => {
    expect(() => takeDataDirectory(directory.path)).toThrow(`process ${process.pid} (`);
  });

  it("says why one cannot be made", () => {
    const nowhere = join(root, "file", "data");
    writeFileSync(join(root, "file"), "");
    expect(() => takeDataDirectory(nowhere)).toThrow(`cannot use the data directory "${nowhere}": ENOTDIR`);
    // Linux only: where Node.js would try for ever.
    if (existsSync("/proc/self")) expect(() => takeDataDirectory("/proc/otelier")).toThrow("ENOENT");
  });

  it("takes over what a program that ended has left", () => {
    const left = join(root, "left");
    takeDataDirectory(left).release();
    writeFileSync(
      join(left, "otelier.pid"),
      JSON.stringify({ pid: process.pid, started: "1", command: "gone" }),
    );
    const taken = takeDataDirectory(left);
    taken.release();
    expect(existsSync(join(left, "otelier.pid"))).toBe(false);
  });

  it("uses a short socket path for a deep directory", () => {
    const deep = takeDataDirectory(join(root, "x".repeat(120)));
    expect(Buffer.byteLength(deep.socketPath)).toBeLessThan(104);
    deep.release();
    rmSync(join(deep.socketPath, ".."), { recursive: true, force: true });
  });
});

describe("statements", () => {
  it("gives each the settings it asked for, and no other's", async () => {
    const threads = async (settings?: Record<string, number>): Promise<number> =>
      (
        await client.query("SELECT getSetting('max_threads') AS n", { what, ...(settings && { settings }) })
      ).number("n");
    const usual = await threads();
    expect(await threads({ max_threads: 7 })).toBe(7);
    for (let again = 0; again < 5; again++) expect(await threads()).toBe(usual);
  });

  const failures: readonly (readonly [string, string, string])[] = [
    ["SELECT nope", "clickhouse-refused", "permanent"],
    ["SELECT * FROM no_such_table", "clickhouse-error", "retryable"],
    ["SELECT count() FROM numbers(1000000000000)", "query-timeout", "retryable"],
  ];
  it.each(failures)("fails with its own error: %s", async (text, code, outcome) => {
    await expect(client.query(text, { what, timeoutMs: 1000 })).rejects.toMatchObject({ code, outcome });
  });

  it("never shows one caller what another's failed statement had put out", async () => {
    const leak =
      "SELECT number, throwIf(number > 3000000) FROM numbers(100000000) SETTINGS max_block_size = 1000";
    for (let again = 0; again < 5; again++) {
      await expect(client.query(leak, { what })).rejects.toMatchObject({ clickhouseCode: 395 });
    }
    for (let again = 0; again < 8; again++) {
      expect((await client.query("SELECT 1 AS one", { what })).numbers("one")).toEqual([1]);
    }
  });

  it("stops a cancelled query in the engine", async () => {
    const stop = new AbortController();
    const running = client.query("SELECT count() FROM numbers(10000000000000)", {
      what,
      signal: stop.signal,
    });
    await systemClock.sleep(300);
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: "query-cancelled" });
    const left = async (): Promise<number> => {
      const found = await client.query(
        "SELECT toUInt32(count()) AS n FROM system.processes WHERE query LIKE '%10000000000000%' AND query NOT LIKE '%processes%'",
        { what },
      );
      return found.number("n");
    };
    await expect.poll(left).toBe(0);
  });

  it("keeps one token's block once, in the table and behind its views", async () => {
    await migrate(client, { target: { kind: "single", database: "otelier" } });
    await client.command(
      "CREATE TABLE otelier.seen (TraceId String, Items UInt64) ENGINE = SummingMergeTree(Items) ORDER BY TraceId SETTINGS non_replicated_deduplication_window = 1000",
      { what },
    );
    await client.command(
      "CREATE MATERIALIZED VIEW otelier.seen_mv TO otelier.seen AS SELECT TraceId, count() AS Items FROM otelier.otel_traces GROUP BY TraceId",
      { what },
    );
    const files = ["a", "b", "c"].map((name) => join(directory.temporaryDirectory, `${name}.block.native`));
    for (const file of files) {
      await client.command(
        `INSERT INTO FUNCTION file('${file}', Native) SELECT now64(9) AS Timestamp, 'a1' AS TraceId, 'svc' AS ServiceName, map('k', 'v') AS SpanAttributes`,
        { what },
      );
    }
    const insert = {
      table: "otel_traces",
      columns: ["Timestamp", "TraceId", "ServiceName", "SpanAttributes"],
    };
    for (const token of ["t1", "t1", "t2", "t1"]) await client.insertNative({ ...insert, files, token });
    await client.insertNative({ ...insert, files: files.toReversed(), token: "t1" });
    const count = async (text: string): Promise<number> => (await client.query(text, { what })).number("n");
    expect(await count("SELECT toUInt32(count()) AS n FROM otel_traces WHERE TraceId = 'a1'")).toBe(6);
    expect(await count("SELECT toUInt32(sum(Items)) AS n FROM otelier.seen")).toBe(6);
  });
});

describe("migrations", () => {
  const target = { kind: "single", database: "steps" } as const;
  const step = {
    number: 1,
    name: "one",
    statements: () => ["CREATE TABLE IF NOT EXISTS steps.a (x UInt8) ENGINE = Memory"],
  };

  it("applies each once, and runs again what a crash left unrecorded", async () => {
    expect(await migrate(client, { target, migrations: [step] })).toEqual([1]);
    expect(await migrate(client, { target, migrations: [step] })).toEqual([]);
    await client.command("TRUNCATE TABLE steps.otelier_migrations", { what });
    expect(await migrate(client, { target, migrations: [step] })).toEqual([1]);
  });

  it("refuses a schema that is newer or was altered", async () => {
    await expect(migrate(client, { target, migrations: [] })).rejects.toMatchObject({ code: "schema-newer" });
    const altered = { ...step, statements: () => ["SELECT 2"] };
    await expect(migrate(client, { target, migrations: [altered] })).rejects.toMatchObject({
      code: "schema-altered",
    });
    expect(migrations.map((one) => one.number)).toEqual(migrations.map((_, index) => index + 1));
  });
});

describe("supervision", () => {
  it("restarts an engine that was killed; nothing that was stored is lost", async () => {
    const before = engine.pid;
    process.kill(before, "SIGKILL");
    await until(() => engine.isUp && engine.pid !== before);
    expect(engine.restarts).toBe(1);
    expect(events).toEqual(["its process ended with signal SIGKILL", "up"]);
    const rows = await client.query("SELECT toUInt32(count()) AS n FROM otel_traces", { what });
    expect(rows.number("n")).toBe(6);
  });

  it("takes an insert again that a kill cut off between the note of its token and the name of its part", async () => {
    const insert = { table: "otel_traces", columns: ["Timestamp", "TraceId"], token: "t3" };
    const files = [join(root, "cut-off.native")];
    await client.command(
      `INSERT INTO FUNCTION file('${files[0]}', Native) SELECT now64(9) AS Timestamp, 'b2' AS TraceId`,
      { what },
    );
    await client.command("SYSTEM STOP MERGES otel_traces", { what });
    await client.insertNative({ ...insert, files });
    const part = await client.query(
      "SELECT path FROM system.parts WHERE table = 'otel_traces' AND database = 'otelier' ORDER BY max_block_number DESC LIMIT 1",
      { what },
    );
    const before = engine.pid;
    process.kill(before, "SIGKILL");
    rmSync(part.strings("path")[0] ?? "", { recursive: true });
    await until(() => engine.isUp && engine.pid !== before);
    const count = async (id: string): Promise<number> =>
      (
        await client.query(`SELECT toUInt32(count()) AS n FROM otel_traces WHERE TraceId = '${id}'`, { what })
      ).number("n");
    expect([await count("a1"), await count("b2")]).toEqual([6, 0]);
    for (let time = 0; time < 2; time++) await client.insertNative({ ...insert, files });
    expect([await count("a1"), await count("b2")]).toEqual([6, 1]);
  });

  it("leaves no engine behind when its program is killed, and the next program takes over", async () => {
    const data = join(root, "orphan");
    const here = (name: string): string =>
      JSON.stringify(pathToFileURL(fileURLToPath(new URL(name, import.meta.url))).href);
    const script = `
      const { takeDataDirectory } = await import(${here("./data-directory.ts")});
      const { EngineSupervisor } = await import(${here("./supervisor.ts")});
      const engine = await EngineSupervisor.start({ directory: takeDataDirectory(${JSON.stringify(data)}) });
      console.log(engine.pid);
      setInterval(() => undefined, 1000);`;
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const program = spawn(
      process.execPath,
      ["--no-warnings", "--import", tsx, "--input-type=module", "-e", script],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const enginePid = await new Promise<number>((resolve) => {
      program.stdout.once("data", (text: Buffer) => resolve(Number(String(text))));
    });
    expect(() => takeDataDirectory(data)).toThrow(`process ${program.pid} (`);
    program.kill("SIGKILL");
    const second = takeDataDirectoryWhenFree(data);
    const next = await EngineSupervisor.start({ directory: await second });
    await until(() => !isAlive(enginePid));
    const { stdout } = await promisify(execFile)("ps", ["-o", "pid=", "-p", String(next.pid)]);
    expect(stdout.trim()).toBe(String(next.pid));
    await next.stop();
    (await second).release();
    expect(isAlive(next.pid)).toBe(false);
  });
});

async function takeDataDirectoryWhenFree(path: string): Promise<DataDirectory> {
  for (;;) {
    try {
      return takeDataDirectory(path);
    } catch {
      await systemClock.sleep(20);
    }
  }
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
