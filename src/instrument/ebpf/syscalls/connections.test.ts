import { expect, test } from "vitest";
import type { DatabaseRecord } from "../spans/database.ts";
import { observe, type Step } from "./testdata/observe.ts";

function recordsOf(steps: readonly Step[]): readonly DatabaseRecord[] {
  return observe(steps).records.filter((record) => "namespace" in record);
}

function line(record: DatabaseRecord): string {
  const { kind, system, namespace, operation, summary, text, code, failed, startNs, endNs } = record;
  const status = failed ? `failed ${code}` : "ok";
  return `${kind} ${system}/${namespace} ${summary || operation} [${text}] ${status} ${startNs}-${endNs}`;
}

const text = (value: string): Buffer => Buffer.from(value);
const resp = (...words: string[]): Buffer =>
  text(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`);

/** A message of PostgreSQL: its type, and its body with zeros as "|". */
function pg(type: string, body: string | Buffer = ""): Buffer {
  const bytes = typeof body === "string" ? text(body.replaceAll("|", "\0")) : body;
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length + 4);
  return Buffer.concat([text(type), head, bytes]);
}
function pgStart(body: string): Buffer {
  const rest = Buffer.concat([Buffer.from([0, 3, 0, 0]), text(body.replaceAll("|", "\0"))]);
  return pg("", rest);
}
const ready = pg("Z", "I");
const row = pg("D", Buffer.alloc(900, 0x41));

/** A packet of MySQL. */
function my(sequence: number, ...parts: (string | number[])[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? text(part) : Buffer.from(part))),
  );
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, body]);
}
const myGreeting = my(0, [10], "8.0.36", Array<number>(40).fill(0));
const myOk = my(1, [0, 0, 0, 2, 0, 0, 0]);
const myRows = Buffer.concat([
  my(1, [1]),
  my(2, "columns and what not"),
  my(3, [0xfe, 0, 0, 2, 0]),
  my(4, "a row"),
  my(5, [0xfe, 0, 0, 2, 0]),
]);

test.each<readonly [string, readonly Step[], readonly string[]]>([
  [
    "redis: a command, and what it finds is not shown",
    [
      { at: 1, out: resp("set", "user:42", "secret") },
      { at: 3, in: text("+OK\r\n") },
      { at: 4, out: resp("GET", "user:42") },
      { at: 6, in: text("$6\r\nsecret\r\n") },
    ],
    ["db-client redis/ SET [SET ? ?] ok 1-3", "db-client redis/ GET [GET ?] ok 4-6"],
  ],
  [
    "redis: a pipeline, an error, a nested answer, another database",
    [
      { at: 1, out: Buffer.concat([resp("SELECT", "3"), resp("HGETALL", "k"), resp("CONFIG", "GET", "x")]) },
      { at: 2, in: text("+OK\r\n-WRONGTYPE Operation against a key\r\n*2\r\n$1\r\nx\r\n*1\r\n:1\r\n") },
    ],
    [
      "db-client redis/3 SELECT [SELECT ?] ok 1-2",
      "db-client redis/3 HGETALL [HGETALL ?] failed WRONGTYPE 1-2",
      "db-client redis/3 CONFIG GET [CONFIG GET ?] ok 1-2",
    ],
  ],
  [
    "redis: a long text in several reads, of which only the beginnings are seen",
    [
      { at: 1, out: resp("GET", "k") },
      { at: 2, in: text(`$3000\r\n${"v".repeat(1500)}`), captured: 100 },
      { at: 5, in: text(`${"v".repeat(1500)}\r\n`), captured: 100 },
      { at: 6, out: resp("PING") },
      { at: 7, in: text("+PONG\r\n") },
    ],
    ["db-client redis/ GET [GET ?] ok 1-5", "db-client redis/ PING [PING] ok 6-7"],
  ],
  [
    "redis: an answer that cannot be followed ends with the next command",
    [
      { at: 1, out: resp("KEYS", "*") },
      { at: 3, in: resp(...Array<string>(200).fill("key")), captured: 64 },
      { at: 4, out: resp("PING") },
      { at: 7, in: text("+PONG\r\n") },
    ],
    ["db-client redis/ KEYS [KEYS ?] ok 1-3", "db-client redis/ PING [PING] ok 4-7"],
  ],
  [
    "redis: as its server sees it",
    [
      { at: 1, in: resp("GET", "k") },
      { at: 2, out: text("$-1\r\n") },
    ],
    ["db-server redis/ GET [GET ?] ok 1-2"],
  ],
  [
    "postgresql: from the start, a simple query, an error",
    [
      { at: 1, out: pgStart("user|me|database|shop||") },
      { at: 2, in: Buffer.concat([pg("R", "\0\0\0\0"), pg("S", "a|b|"), ready]) },
      { at: 3, out: pg("Q", "SELECT name FROM users WHERE mail = 'a@b.c' AND age > 30|") },
      { at: 5, in: Buffer.concat([pg("T", "|"), pg("D", "|"), pg("C", "SELECT 1|"), ready]) },
      { at: 6, out: pg("Q", "INSERT INTO users VALUES ($$it''s$$)|") },
      { at: 8, in: Buffer.concat([pg("E", "SERROR|VERROR|C23505|Mduplicate a@b.c||"), ready]) },
    ],
    [
      "db-client postgresql/shop SELECT users [SELECT name FROM users WHERE mail = ? AND age > ?] ok 3-5",
      "db-client postgresql/shop INSERT users [INSERT INTO users VALUES (?)] failed 23505 6-8",
    ],
  ],
  [
    "postgresql: a prepared statement, used twice; preparing alone is no call",
    [
      {
        at: 1,
        out: Buffer.concat([pg("P", "s1|SELECT * FROM items WHERE id = $1||\0"), pg("D", "Ss1|"), pg("S")]),
      },
      { at: 2, in: Buffer.concat([pg("1"), pg("t", "|"), ready]) },
      { at: 3, out: Buffer.concat([pg("B", "|s1|||"), pg("E", "|||||"), pg("S")]) },
      { at: 5, in: Buffer.concat([pg("2"), pg("D", "|"), pg("C", "SELECT 1|"), ready]) },
      { at: 6, out: Buffer.concat([pg("B", "|s1|||"), pg("E", "|||||"), pg("S")]) },
      { at: 9, in: Buffer.concat([pg("2"), pg("C", "SELECT 0|"), ready]) },
    ],
    [
      "db-client postgresql/ SELECT items [SELECT * FROM items WHERE id = $1] ok 3-5",
      "db-client postgresql/ SELECT items [SELECT * FROM items WHERE id = $1] ok 6-9",
    ],
  ],
  [
    "postgresql: many rows, of which only beginnings are seen",
    [
      { at: 1, out: pg("Q", "SELECT * FROM items|") },
      { at: 3, in: Buffer.concat([pg("T", "|"), row, row, row]), captured: 1024 },
      { at: 5, in: Buffer.concat([row, row, pg("C", "SELECT 5|"), ready]), captured: 1024 },
      { at: 6, out: pg("Q", "COMMIT|") },
      { at: 7, in: Buffer.concat([pg("C", "COMMIT|"), ready]) },
    ],
    [
      "db-client postgresql/ SELECT items [SELECT * FROM items] ok 1-5",
      "db-client postgresql/ COMMIT [COMMIT] ok 6-7",
    ],
  ],
  [
    "postgresql: a statement that is longer than what is seen",
    [
      { at: 1, out: pg("Q", `SELECT '${"x".repeat(2000)}'|`) },
      { at: 2, in: ready },
    ],
    ["db-client postgresql/ SELECT [SELECT ?...] ok 1-2"],
  ],
  [
    "mysql: from the greeting; an error, rows, another database",
    [
      { at: 1, in: myGreeting },
      { at: 2, out: my(1, Array<number>(40).fill(1)) },
      { at: 3, in: my(2, [0, 0, 0, 2, 0, 0, 0]) },
      { at: 4, out: my(0, [3], 'SELECT "a" FROM `t` WHERE id=7') },
      { at: 6, in: myRows },
      { at: 7, out: my(0, [2], "shop") },
      { at: 8, in: myOk },
      { at: 9, out: my(0, [3], "UPDATE t SET a='b'") },
      { at: 10, in: my(1, [0xff, 0x28, 0x04], "#42000no") },
    ],
    [
      "db-client mysql/ SELECT t [SELECT ? FROM `t` WHERE id=?] ok 4-6",
      "db-client mysql/shop UPDATE t [UPDATE t SET a=?] failed 1064 9-10",
    ],
  ],
  [
    "mysql: a prepared statement; preparing alone is no call",
    [
      { at: 1, out: my(0, [0x16], "INSERT INTO t VALUES (?)") },
      { at: 2, in: my(1, [0, 9, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]) },
      { at: 3, out: my(0, [0x17, 9, 0, 0, 0], [0, 1, 0, 0, 0]) },
      { at: 5, in: myOk },
    ],
    ["db-client mysql/ INSERT t [INSERT INTO t VALUES (?)] ok 3-5"],
  ],
  [
    "mysql: a server, which reads the head of each packet for itself",
    [
      { at: 1, out: myGreeting },
      { at: 2, in: my(1, Array<number>(40).fill(1)) },
      { at: 3, out: my(2, [0, 0, 0, 2, 0, 0, 0]) },
      { at: 4, in: my(0, [3], "DELETE FROM t").subarray(0, 4) },
      { at: 5, in: my(0, [3], "DELETE FROM t").subarray(4) },
      { at: 6, out: myOk },
    ],
    ["db-server mysql/ DELETE t [DELETE FROM t] ok 5-6"],
  ],
  [
    "bytes of no protocol, and answers without a request",
    [
      { at: 1, out: text("SSH-2.0-OpenSSH\r\n") },
      { at: 2, in: ready },
      { at: 3, in: text("+OK\r\n") },
      { at: 4, out: text("Quit it\0") },
    ],
    [],
  ],
  [
    "a connection that ends before the answer",
    [{ at: 1, out: resp("BLPOP", "k", "0") }],
    ["db-client redis/ BLPOP [BLPOP ? ?] ok 1-1"],
  ],
])("%s", (_, steps, expected) => {
  expect(recordsOf(steps).map(line)).toEqual(expected);
});

test("the server's end of the connection is known on both sides", () => {
  const ends = (steps: readonly Step[]): unknown =>
    recordsOf(steps).map(({ server, client }) => [server, client]);
  const [here, there] = [
    { address: "10.0.0.1", port: 50_000 },
    { address: "10.0.0.2", port: 5432 },
  ];
  expect(ends([{ at: 1, out: resp("PING") }])).toEqual([[there, { address: "", port: 0 }]]);
  expect(ends([{ at: 1, in: resp("PING") }])).toEqual([[here, there]]);
});
