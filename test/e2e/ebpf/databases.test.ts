import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../until.ts";
import * as kafka from "../../../src/instrument/ebpf/syscalls/testdata/kafka-bytes.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { freePort } from "../../fakes/free-port.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const binary = path.join(mkdtempSync(path.join(os.tmpdir(), "otelier-stores-")), "stores");
const fixture = (name: string): string => path.join(root, "test/fixtures/ebpf", name);
const refused =
  (await tracingRefused("calls of databases")) ?? missing(["redis-server", "redis-cli", "psql"]) ?? unbuilt();
afterAll(() => rmSync(path.dirname(binary), { recursive: true, force: true }));

/** Real servers and their own clients, and a broker that says what it is told to; nobody instrumented any of them. */
describe.skipIf(refused !== undefined)("calls of databases, by otelier ebpf", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-databases-"));
  const sink = new OtlpSink();
  const started: Started[] = [];
  let observer: Started;
  let [redisClient, postgresClient, kafkaClient, front, stores]: (Started | undefined)[] = [];
  const broker = net.createServer();
  /** What the broker answers with, once that many bytes have come. */
  const answers: { after: number; response: Buffer }[] = [];
  let databaseUrl: URL;

  beforeAll(async () => {
    await sink.listen();
    const redisPort = String(await freePort());
    const redis = start("redis-server", ["--port", redisPort, "--save", "", "--dir", folder], {});
    const database = start(
      process.execPath,
      [path.join(root, "demo/database/start.mjs"), "--data", folder, "--until-stdin-ends"],
      {},
    );
    const back = start("python3", [fixture("slow.py"), "0"], { OTEL_SERVICE_NAME: "back" });
    started.push(redis, database, back);
    await until(
      () =>
        database.stdout().includes("\n") &&
        back.stdout().includes("\n") &&
        redis.stdout().includes("Ready to accept connections"),
    );
    databaseUrl = new URL(
      database
        .stdout()
        .trim()
        .replace(/^ready /, ""),
    );
    front = start("python3", [fixture("front.py"), back.stdout().trim(), redisPort], {
      OTEL_SERVICE_NAME: "front",
    });
    redisClient = start("redis-cli", ["-p", redisPort], {});
    postgresClient = start("psql", [databaseUrl.href], {});
    broker.on("connection", (socket) => {
      socket.on("data", ({ length }) => {
        const [next] = answers;
        if (next === undefined || (next.after -= length) > 0) return;
        answers.shift();
        socket.write(next.response);
      });
    });
    await new Promise<void>((resolve) => broker.listen(0, "127.0.0.1", resolve));
    const brokerPort = String((broker.address() as net.AddressInfo).port);
    kafkaClient = start(process.execPath, [fixture("exchange.mjs"), brokerPort], {
      OTEL_SERVICE_NAME: "orders",
    });
    stores = start(binary, [databaseUrl.href, `127.0.0.1:${redisPort}`], {});
    started.push(front, redisClient, postgresClient, kafkaClient, stores);
    await until(() => [front, stores].every((each) => each?.stdout().includes("\n")));
    const own = new Set(started.map(({ pid }) => String(pid)));
    observer = start(
      process.execPath,
      [
        path.join(root, "dist/main.js"),
        "ebpf",
        ...[...own].flatMap((pid) => ["--pid", pid]),
        "--endpoint",
        sink.endpoint,
      ],
      { OTEL_METRIC_EXPORT_INTERVAL: "300" },
    );
    const lines = [
      / back .*observes/,
      / front .*observes/,
      / psql .*observes/,
      / redis-cli .*observes/,
      / stores .*instrumented net\/http server, .*database\/sql, pgx, go-redis by eBPF/,
      / orders .*observes/,
    ];
    await until(() => lines.every((line) => line.test(observer.stderr())));
  });
  afterAll(async () => {
    await Promise.all([observer, ...started].map((each) => each.end()));
    broker.close();
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("Redis: client and server, linked by their connection; no key and no value is told", async () => {
    redisClient!.write("SET user:42 secret\nHGETALL user:42\n");
    const client = await spanWhere((each) => each.kind === 3 && each.name === "HGETALL");
    expect(client.attributes).toMatchObject({
      "db.system.name": "redis",
      "db.operation.name": "HGETALL",
      "db.query.text": "HGETALL ?",
      "db.response.status_code": "WRONGTYPE",
      "error.type": "WRONGTYPE",
      "server.address": "127.0.0.1",
    });
    const server = await spanWhere((each) => each.parentSpanId === client.spanId);
    expect([server.kind, server.name, server.traceId]).toEqual([2, "HGETALL", client.traceId]);
    expect(server.attributes["client.address"]).toBe("127.0.0.1");
    expect(JSON.stringify(sink.spans)).not.toMatch(/user:42|secret/);
  });

  test("PostgreSQL: queries, errors, how long they take; no literal is told", async () => {
    postgresClient!.write("SELECT 'secret', pg_sleep(0.2);\nSELECT nope FROM secret_table WHERE a = 4711;\n");
    const slow = await spanWhere(
      (each) => each.kind === 3 && each.attributes["db.query.text"] === "SELECT ?, pg_sleep(?);",
    );
    expect(slow.durationMs).toBeGreaterThan(200);
    const failed = await spanWhere((each) => each.kind === 3 && each.name === "SELECT secret_table");
    expect(failed.attributes).toMatchObject({
      "db.system.name": "postgresql",
      "db.query.text": "SELECT nope FROM secret_table WHERE a = ?;",
      "db.response.status_code": "42P01",
    });
    const counted = (): readonly number[] | undefined =>
      sink.metrics
        .findLast(({ service, name }) => service === "psql" && name === "db.client.operation.duration")
        ?.histograms.map(({ count }) => count);
    await expect.poll(counted).toEqual([1, 1]);
  });

  test("a request that asks Redis and another server: one trace, without any header", async () => {
    const port = front!.stdout().trim();
    await fetch(`http://127.0.0.1:${port}/cart?one`);
    await fetch(`http://127.0.0.1:${port}/page?two`);
    const cart = await spanWhere(
      (each) => each.service === "front" && each.attributes["url.query"] === "one",
    );
    const set = await spanWhere((each) => each.kind === 3 && each.parentSpanId === cart.spanId);
    expect([set.name, set.traceId]).toEqual(["SET", cart.traceId]);
    const page = await spanWhere(
      (each) => each.service === "front" && each.attributes["url.query"] === "two",
    );
    const asks = await spanWhere((each) => each.kind === 3 && each.parentSpanId === page.spanId);
    const answers = await spanWhere((each) => each.service === "back" && each.parentSpanId === asks.spanId);
    expect(new Set([page.traceId, asks.traceId, answers.traceId]).size).toBe(1);
    expect(answers.attributes).toMatchObject({ "client.address": "127.0.0.1", "url.query": "two" });
    expect(Number(answers.attributes["client.port"])).toBeGreaterThan(0);
  });

  const goCalls: readonly (readonly [path: string, name: string, attributes: Record<string, string>])[] = [
    ["exec", "SET", { "db.query.text": "SET application_name = ?" }],
    [
      "row",
      "SELECT pg_class",
      { "db.query.text": "SELECT relname FROM pg_class WHERE relname = $1 AND ? = ?" },
    ],
    ["elsewhere", "SELECT pg_class", { "db.operation.name": "SELECT" }],
    ["divided", "SELECT pg_class", { "db.response.status_code": "22012", "error.type": "22012" }],
    ["unknown", "DELETE nowhere", { "db.response.status_code": "42P01", "error.type": "42P01" }],
    ["batch", "BATCH", { "db.operation.batch.size": "3" }],
    ["database", "SELECT pg_class", { "db.system.name": "postgresql" }],
    ["set", "SET", { "db.query.text": "SET ? ?" }],
    ["missing", "GET", { "db.query.text": "GET ?" }],
    ["wrong", "HGETALL", { "db.response.status_code": "WRONGTYPE", "error.type": "WRONGTYPE" }],
    ["pipeline", "PIPELINE", { "db.operation.batch.size": "2" }],
    ["transaction", "MULTI", { "db.operation.batch.size": "2" }],
  ];
  test.each(goCalls)(
    "pgx and go-redis in a Go program: /%s is one call, %s",
    async (path, name, attributes) => {
      const traceId = Buffer.from(path.padEnd(16, "-")).toString("hex").slice(0, 32);
      const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
      // The first call of a kind may prepare its connection: only the second is looked at.
      await (await fetch(`${stores!.stdout().trim()}/${path}`)).text();
      await (await fetch(`${stores!.stdout().trim()}/${path}`, { headers })).text();
      const request = await spanWhere((each) => each.traceId === traceId && each.kind === 2);
      await spanWhere((each) => each.traceId === traceId && each.kind === 3);
      const calls = sink.spans.filter((each) => each.traceId === traceId && each.kind === 3);
      expect(calls.map((each) => [each.service, each.name, each.parentSpanId])).toEqual([
        ["stores", name, request.spanId],
      ]);
      const ofRedis = ["set", "missing", "wrong", "pipeline", "transaction"].includes(path);
      const server =
        path === "database" ? {} : { "server.address": ofRedis ? "127.0.0.1" : databaseUrl.hostname };
      expect(calls[0]?.attributes).toMatchObject({
        "db.system.name": ofRedis ? "redis" : "postgresql",
        ...server,
        ...attributes,
      });
      expect(calls[0]?.attributes["error.type"]).toBe(attributes["error.type"]);
    },
  );

  test("pgx: COPY is one call beside the statement before it; a preparation of statements is none", async () => {
    const traceId = "7bf92f3577b34da6a3ce929d0e0effff";
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    await fetch(`${stores!.stdout().trim()}/copy`, { headers });
    await spanWhere((each) => each.traceId === traceId && each.kind === 2);
    const names = (): readonly string[] =>
      sink.spans.filter((each) => each.traceId === traceId && each.kind === 3).map((each) => each.name);
    await expect.poll(() => names().toSorted()).toEqual(["COPY copies", "CREATE copies"]);
  });

  test("Kafka: a batch that is refused, and records that are fetched by their topic's id", async () => {
    const id = "00112233445566778899aabbccddeeff";
    const records = kafka.batchOf(5, 2000);
    const exchanges: readonly (readonly [request: Buffer, response: Buffer])[] = [
      [kafka.metadataRequest(12, 1), kafka.metadataResponse(12, 1, [{ name: "orders", id }])],
      [
        kafka.produceRequest(9, 2, [{ topic: "orders", partitions: [{ index: 3, records }] }]),
        kafka.produceResponse(9, 2, [{ topic: "orders", partitions: [{ index: 3, error: 19 }] }]),
      ],
      [
        kafka.fetchRequest(13, 3, [{ topic: id, partitions: [3] }]),
        kafka.fetchResponse(13, 3, [{ topic: id, partitions: [{ index: 3, records }] }]),
      ],
    ];
    let received = 0;
    for (const [request, response] of exchanges) {
      answers.push({ after: request.length, response });
      kafkaClient!.write(`${request.toString("hex")}\n`);
      received += response.length;
      await expect.poll(() => kafkaClient!.stdout()).toContain(`\n${received}\n`);
    }
    const sent = await spanWhere((each) => each.service === "orders" && each.name === "send orders");
    expect(sent.attributes).toEqual({
      "messaging.system": "kafka",
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      "messaging.destination.name": "orders",
      "messaging.destination.partition.id": "3",
      "messaging.batch.message_count": "5",
      "messaging.client.id": "shop-1",
      "server.address": "127.0.0.1",
      "server.port": sent.attributes["server.port"],
      "error.type": "NOT_ENOUGH_REPLICAS",
    });
    const fetched = await spanWhere((each) => each.service === "orders" && each.name === "poll orders");
    expect(fetched.attributes["messaging.destination.partition.id"]).toBe("3");
    const counted = (): boolean =>
      sink.metrics.some(({ name }) => name === "messaging.client.operation.duration");
    await expect.poll(counted).toBe(true);
  });

  test("programs that end take nothing with them", async () => {
    await postgresClient!.end();
    redisClient!.write("PING\n");
    await spanWhere((each) => each.kind === 3 && each.name === "PING");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    redisClient!.write("DBSIZE\n");
    await spanWhere((each) => each.kind === 3 && each.name === "DBSIZE");
    expect(await observer.end("SIGINT")).toBe(0);
    expect(observer.stderr()).not.toMatch(/lost|ended with/);
  });

  async function spanWhere(isIt: (span: SunkSpan) => boolean): Promise<SunkSpan> {
    await expect.poll(() => sink.spans.some(isIt)).toBe(true);
    return sink.spans.find(isIt)!;
  }
});

function missing(programs: readonly string[]): string | undefined {
  const absent = programs.filter((name) => spawnSync(name, ["--version"]).status !== 0);
  if (absent.length === 0) return undefined;
  const reason = `${absent.join(", ")} is missing`;
  if (process.env["CI"] === "true") throw new Error(`cannot observe databases: ${reason}`);
  process.stderr.write(`skipped: calls of databases: ${reason}\n`);
  return reason;
}

/** Its libraries come over the network where they are not there yet. */
function unbuilt(): string | undefined {
  const { status, stderr } = spawnSync("go", ["build", "-ldflags=-s -w", "-o", binary, "."], {
    cwd: fixture("stores"),
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  const reason = `the Go program does not build: ${stderr?.trim().split("\n").at(-1) ?? "go is not installed"}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`skipped: calls of databases: ${reason}\n`);
  return reason;
}
