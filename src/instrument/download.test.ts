import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { download } from "./download.ts";

const content = Buffer.from("the whole file, one hundred bytes or so ".repeat(3));
const sha256 = createHash("sha256").update(content).digest("hex");
const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-download-"));
const file = path.join(folder, "file.part");
let answer: (response: ServerResponse, from: number) => void;
let asked: (string | undefined)[] = [];
let url = "";

const server = createServer((request, response) => {
  asked.push(request.headers.range);
  answer(response, Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0));
});
const rest = (response: ServerResponse, from: number): void => {
  response.writeHead(from === 0 ? 200 : 206).end(content.subarray(from));
};

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/agent.jar`;
});
beforeEach(() => {
  rmSync(file, { force: true });
  asked = [];
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const fetchIt = (extra: object = {}): Promise<void> =>
  download({ url, file, sha256, sizeBytes: content.length, ...extra });

async function closedPort(): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  await new Promise((resolve) => other.close(resolve));
  return port;
}

test("the whole file, with progress", async () => {
  answer = rest;
  const seen: number[] = [];
  await fetchIt({ onProgress: (done: number) => seen.push(done) });
  expect(readFileSync(file)).toEqual(content);
  expect(seen.at(-1)).toBe(content.length);
});

test("a connection that breaks is taken up where it broke", async () => {
  answer = (response, from) => {
    if (asked.length > 1) return rest(response, from);
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 50));
    first = response;
  };
  let first: ServerResponse | undefined;
  await fetchIt({ onProgress: (done: number) => (done === 50 ? first?.destroy() : undefined) });
  expect(asked).toEqual([undefined, "bytes=50-"]);
  expect(readFileSync(file)).toEqual(content);
});

test("what an earlier run left is the file's begin; a server without ranges sends all of it", async () => {
  writeFileSync(file, content.subarray(0, 30));
  answer = (response) => rest(response, 0);
  await fetchIt();
  expect(asked).toEqual(["bytes=30-"]);
  expect(readFileSync(file)).toEqual(content);
});

test.each<[string, (response: ServerResponse) => void, RegExp]>([
  ["a refusal", (response) => response.writeHead(404).end(), /agent\.jar answers HTTP 404$/],
  [
    "another file",
    (response) => response.end(Buffer.alloc(content.length)),
    /has the SHA-256 \w{12}\.\.\., not/,
  ],
  [
    "a larger file",
    (response) => response.end(Buffer.concat([content, content])),
    /is larger than 120 bytes$/,
  ],
])("%s is not asked for again and leaves nothing to go on with", async (_name, refuse, message) => {
  answer = refuse;
  await expect(fetchIt()).rejects.toThrow(message);
  expect(asked).toHaveLength(1);
  answer = rest;
  await fetchIt();
  expect(readFileSync(file)).toEqual(content);
});

test("a server that is not there", async () => {
  const clock = {
    sleep: async () => undefined,
    schedule: () => () => undefined,
    now: () => 0,
    monotonic: () => 0,
  };
  await expect(fetchIt({ url: `http://127.0.0.1:${await closedPort()}/x`, clock })).rejects.toThrow(
    /^127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)$/,
  );
  expect(existsSync(file)).toBe(false);
});
