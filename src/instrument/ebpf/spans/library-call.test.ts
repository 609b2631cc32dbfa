import { expect, test } from "vitest";
import { databaseBytes } from "./library-call.ts";
import { readRecord } from "./record.ts";
import { spanOf } from "./span.ts";

const [statement, batch, copy, command, pipeline, transaction] = [1, 2, 3, 4, 5, 6];

interface Fields {
  readonly text?: string;
  readonly error?: string;
  readonly count?: number;
  readonly host?: string;
}

/** A record as bpf/span.h lays it out, and what its span says. */
function said(call: number, { text = "", error, count = 0, host = "" }: Fields): unknown {
  const bytes = Buffer.alloc(databaseBytes);
  bytes.writeUInt32LE(6, 0);
  bytes[60] = error === undefined ? 0 : 1;
  bytes.writeUInt16LE(text.length, 64);
  bytes.writeUInt16LE(host.length, 68);
  bytes.writeUInt16LE(5432, 70);
  bytes.writeUInt16LE((error ?? "").length, 72);
  bytes.writeUInt16LE(call, 74);
  bytes.writeUInt32LE(count, 76);
  bytes.write(text.slice(0, 1024), 80);
  bytes.write(host, 1168);
  bytes.write((error ?? "").slice(0, 16), 1264);
  const record = readRecord(bytes);
  if (record === undefined) return undefined;
  const { name, failed, attributes } = spanOf(record, "");
  return { name, failed, ...Object.fromEntries(attributes) };
}

const postgres = { failed: false, "db.system.name": "postgresql" };
const redis = { failed: false, "db.system.name": "redis" };

test.each<[what: string, call: number, fields: Fields, expected: object | undefined]>([
  [
    "a statement",
    statement,
    { text: "-- name: GetUser\nSELECT a FROM users WHERE b = 'bob' LIMIT 5", host: "shop" },
    {
      ...postgres,
      name: "SELECT users",
      "db.operation.name": "SELECT",
      "db.query.summary": "SELECT users",
      "db.query.text": "SELECT a FROM users WHERE b = ? LIMIT ?",
      "server.address": "shop",
      "server.port": 5432,
    },
  ],
  [
    "a statement that is cut",
    statement,
    { text: `SELECT '${"x".repeat(2000)}'` },
    {
      ...postgres,
      name: "SELECT",
      "db.operation.name": "SELECT",
      "db.query.summary": "SELECT",
      "db.query.text": "SELECT ?...",
    },
  ],
  [
    "an error of the server",
    batch,
    { count: 7, error: "23505" },
    {
      ...postgres,
      name: "BATCH",
      failed: true,
      "db.operation.name": "BATCH",
      "db.operation.batch.size": 7,
      "db.response.status_code": "23505",
      "error.type": "23505",
    },
  ],
  [
    "what is at the place of a code is none",
    copy,
    { text: "users", error: "ERROR" },
    {
      ...postgres,
      name: "COPY users",
      failed: true,
      "db.operation.name": "COPY",
      "db.query.summary": "COPY users",
      "error.type": "_OTHER",
    },
  ],
  [
    "a command",
    command,
    { text: "set", count: 3, host: "[::1]:6379" },
    {
      ...redis,
      name: "SET",
      "db.operation.name": "SET",
      "db.query.text": "SET ? ?",
      "server.address": "::1",
      "server.port": 6379,
    },
  ],
  [
    "a command of many words, over a socket with a name",
    command,
    { text: "mget", count: 12, host: "/run/redis.sock" },
    {
      ...redis,
      name: "MGET",
      "db.operation.name": "MGET",
      "db.query.text": "MGET ? ? ? ? ? ? ? ? ...",
      "server.address": "/run/redis.sock",
    },
  ],
  ["a command that is none", command, { text: "\u0000\u0001", count: 1 }, undefined],
  [
    "no such key",
    command,
    { text: "get", count: 2, error: "redis: nil" },
    { ...redis, name: "GET", "db.operation.name": "GET", "db.query.text": "GET ?" },
  ],
  [
    "an error of Redis",
    pipeline,
    { count: 1, error: "MOVED 3999 127.0." },
    {
      ...redis,
      name: "PIPELINE",
      failed: true,
      "db.operation.name": "PIPELINE",
      "db.response.status_code": "MOVED",
      "error.type": "MOVED",
    },
  ],
  [
    "a connection that broke",
    transaction,
    { count: 4, error: "EOF" },
    {
      ...redis,
      name: "MULTI",
      failed: true,
      "db.operation.name": "MULTI",
      "db.operation.batch.size": 2,
      "error.type": "_OTHER",
    },
  ],
  ["a call that is not known", 99, {}, undefined],
])("%s", (_, call, fields, expected) => {
  expect(said(call, fields)).toEqual(expected);
});
