import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hashSync } from "bcryptjs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  anyPorts,
  removeFolder,
  run,
  RunningProgram,
  temporaryFolder,
  urlsOf,
  type Urls,
} from "./run-stack.ts";
import { postTraces, sendTraces, spanCount, tracesOf } from "./telemetry.ts";

const sqlCount = "SELECT count() AS n FROM otel_traces";

describe("a stack", () => {
  const folder = temporaryFolder();
  let stack: RunningProgram;
  let urls: Urls;

  beforeAll(async () => {
    stack = new RunningProgram(["up", ...anyPorts], { cwd: folder });
    urls = await urlsOf(stack);
  });
  afterAll(async () => {
    await stack.stop();
    removeFolder(folder);
  });

  test("says in three lines where it receives, keeps and shows", () => {
    expect(stack.stderr.replaceAll(/:\d+\b/g, ":PORT").replaceAll(folder, "FOLDER")).toBe(
      "otelier: receiving OTLP on http://127.0.0.1:PORT and http://127.0.0.1:PORT (every protocol on both)\n" +
        "otelier: keeping 7d in FOLDER/.otelier, at most 5GB\n" +
        "otelier: ready: open http://localhost:PORT\n",
    );
    expect(stack.stdout).toBe("");
  });

  test("keeps its data out of the user's repository", () => {
    expect(readFileSync(path.join(folder, ".otelier/.gitignore"), "utf8").split("\n")).toContain("*");
  });

  test.each([
    [
      "HTTP on the port for HTTP",
      async (service: string) => (await postTraces(urls.http, tracesOf(service))) === 200,
    ],
    [
      "HTTP on the port for gRPC",
      async (service: string) => (await postTraces(urls.grpc, tracesOf(service))) === 200,
    ],
    [
      "gRPC on the port for gRPC",
      async (service: string) => (await sendTraces(urls.grpc, tracesOf(service))) === 0,
    ],
    [
      "gRPC on the port for HTTP",
      async (service: string) => (await sendTraces(urls.http, tracesOf(service))) === 0,
    ],
  ])("shows what came by %s", async (name, send) => {
    const service = name.replaceAll(" ", "-");
    await spanCount(urls.front, service);
    expect(await send(service)).toBe(true);
    await expect.poll(() => spanCount(urls.front, service), { interval: 50 }).toBe(1);
  });

  test("serves the UI and its assets", async () => {
    const page = await (await fetch(urls.front)).text();
    const [, script = ""] = /<script[^>]+src="([^"]+)"/.exec(page) ?? [];
    const asset = await fetch(new URL(script, urls.front));
    expect([asset.status, asset.headers.get("content-type")]).toEqual([
      200,
      "text/javascript; charset=utf-8",
    ]);
  });

  test("knows its senders, and tells pages of a port used wrongly", async () => {
    const answer = (await (await fetch(`${urls.front}/api/senders`)).json()) as {
      senders: { advice: { code: string }[] }[];
    };
    expect(answer.senders.flatMap(({ advice }) => advice.map(({ code }) => code))).toContain("wrong-port");
  });

  test("refuses other pages and names", async () => {
    const foreign = await fetch(`${urls.front}/api/services`, {
      headers: { origin: "http://attacker.example" },
    });
    expect(foreign.status).toBe(403);
  });

  test("answers SQL from the shell", async () => {
    const { code, stdout, stderr } = await run(
      ["query", "--url", urls.front, "--format", "tsv", "--sql", sqlCount],
      { cwd: folder },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "n\n4\n", stderr: "" });
  });

  test("refuses SQL that writes or reaches elsewhere, exit code 2", async () => {
    for (const sql of [
      "DROP TABLE otel_traces",
      "SELECT * FROM system.users",
      "SELECT * FROM file('/etc/passwd')",
    ]) {
      const { code, stderr } = await run(["query", "--url", urls.front, "--sql", sql], { cwd: folder });
      expect([sql, code]).toEqual([sql, 2]);
      expect(stderr).toMatch(/^otelier: cannot /);
    }
  });

  test("a second one on its data directory is told who holds it", async () => {
    const { code, stderr } = await run(["up", ...anyPorts], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `cannot use the data directory "${folder}/.otelier": process ${stack.child.pid} (`,
    );
    expect(stderr).toContain("choose another with --data DIR");
  });

  test.each([
    ["--http", "--http HOST:PORT", () => urls.front],
    ["--otlp-grpc", "--otlp-grpc HOST:PORT", () => urls.grpc],
    ["--otlp-http", "--otlp-http HOST:PORT", () => urls.http],
  ])(
    "a second one on the port of %s is told who holds it and how to choose another",
    async (option, remedy, urlOf) => {
      const other = temporaryFolder();
      const taken = `127.0.0.1:${new URL(urlOf()).port}`;
      const ports = anyPorts.filter((one) => !one.startsWith(`${option}=`));
      const { code, stderr } = await run(["up", ...ports, `${option}=${taken}`], { cwd: other });
      removeFolder(other);
      expect(code).toBe(1);
      expect(stderr).toContain(`cannot listen on ${taken}: the port is in use by "`);
      expect(stderr).toContain(`(process ${stack.child.pid}); choose another with ${remedy}`);
    },
  );

  test("stops orderly, and what it acknowledged is read from its directory", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 50 }, () => postTraces(urls.http, tracesOf("last-moment", 20))),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    // Twice, as a group gets it whose leader passes signals on.
    void stack.stop();
    const { code, stderr } = await stack.stop();
    expect([code, stderr.split("\n").filter((line) => /error|fail|lost/i.test(line))]).toEqual([0, []]);
    const stored = await run(["query", "--data", ".otelier", "--format", "tsv", "--sql", sqlCount], {
      cwd: folder,
    });
    expect(stored).toEqual({ code: 0, stdout: "n\n1004\n", stderr: "" });
    const unreachable = await run(["query", "--url", urls.front, "--sql", sqlCount], { cwd: folder });
    expect(unreachable.code).toBe(1);
    expect(unreachable.stderr).toContain("start it with otelier up, or read a directory with --data DIR");
  });
});

describe("otelier up", () => {
  const folder = temporaryFolder();
  let stack: RunningProgram | undefined;
  afterEach(async () => {
    await stack?.stop();
    stack = undefined;
  });
  afterAll(() => removeFolder(folder));

  test("prints a configuration that is valid and runs", async () => {
    const printed = await run(["up", "--print-config", ...anyPorts], { cwd: folder });
    expect(printed.code).toBe(0);
    writeFileSync(path.join(folder, "otelier.yaml"), printed.stdout);
    const checked = await run(["collector", "validate", "--config", "otelier.yaml"], { cwd: folder });
    expect([checked.code, checked.stderr]).toEqual([0, ""]);
    expect(existsSync(path.join(folder, ".otelier"))).toBe(false);
    stack = new RunningProgram(["up", "--config", "otelier.yaml", "--http=127.0.0.1:0", "--data", "own"], {
      cwd: folder,
    });
    await stack.says(/ready: open/);
  });

  test.each([
    [["--http=0.0.0.0:0"], 'cannot serve UI and API at "0.0.0.0:0"'],
    [["--otlp-grpc=0.0.0.0:0"], "--insecure-bind"],
    [["--otlp-http=:0"], "--insecure-bind"],
  ])("refuses %j without authentication", async (args, message) => {
    const ports = anyPorts.filter(
      (one) => !args.some((arg) => arg.startsWith(one.slice(0, one.indexOf("=") + 1))),
    );
    const { code, stderr } = await run(["up", ...ports, ...args], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test("names every bad option at once", async () => {
    const args = ["up", "--retention", "soon", "--max-disk", "big", "--memory-limit", "1MiB"];
    const { code, stderr } = await run(args, { cwd: folder });
    expect(code).toBe(2);
    expect(stderr.match(/^error\[bad-argument\]/gm)).toHaveLength(3);
  });

  test("asks for credentials on every port", async () => {
    writeFileSync(path.join(folder, "htpasswd"), `me:${hashSync("you", 4)}\n`);
    stack = new RunningProgram(["up", ...anyPorts, "--basic-auth", "htpasswd", "--data", "guarded"], {
      cwd: folder,
    });
    const urls = await urlsOf(stack);
    const authorization = `Basic ${Buffer.from("me:you").toString("base64")}`;
    const wrong = `Basic ${Buffer.from("me:me").toString("base64")}`;
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${urls.front}/api/services`, { headers })).status;
    expect([await ask({}), await ask({ authorization: wrong }), await ask({ authorization })]).toEqual([
      401, 401, 200,
    ]);
    for (const url of [urls.http, urls.grpc]) {
      expect(await postTraces(url, tracesOf("guarded"))).toBe(401);
      expect(await postTraces(url, tracesOf("guarded"), { authorization })).toBe(200);
      expect(await sendTraces(url, tracesOf("guarded"))).toBe(16);
      expect(await sendTraces(url, tracesOf("guarded"), { authorization })).toBe(0);
    }
    const { code, stdout } = await run(
      [
        "query",
        "--url",
        urls.front.replace("//", "//me:you@"),
        "--format",
        "tsv",
        "--sql",
        "SELECT count() < 100 AS one FROM otel_traces",
      ],
      { cwd: folder },
    );
    expect([code, stdout]).toEqual([0, "one\n1\n"]);
  });
});
