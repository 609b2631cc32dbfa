import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RunFolder } from "./run-folder.ts";
import { sendSpooled } from "./spool-sender.ts";

let folder: RunFolder;
let server: Server;
let url: string;
let answer: number;
const got: string[] = [];

beforeEach(async () => {
  got.length = 0;
  answer = 200;
  folder = new RunFolder();
  server = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      got.push(`${request.url} ${request.headers["x-key"] as string} ${body}`);
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});
afterEach(() => {
  server.close();
  folder.close();
  expect(existsSync(folder.path)).toBe(false);
});

const spool = (name: string, body: string): void =>
  writeFileSync(
    path.join(folder.path, "spool", name),
    `${JSON.stringify({ url: `${url}/v1/traces`, headers: { "x-key": "k" } })}\n${body}`,
  );

test("requests are sent in order with their headers, and removed; unfinished files stay", async () => {
  spool("7-10.otlp", "third");
  spool("7-2.otlp", "second\nline");
  spool("7-0.otlp", "first");
  spool("7-11.otlp.part", "not yet");
  expect(await sendSpooled(folder)).toEqual({ sent: 3, refused: [] });
  expect(got).toEqual(["/v1/traces k first", "/v1/traces k second\nline", "/v1/traces k third"]);
  expect(readdirSync(path.join(folder.path, "spool"))).toEqual(["7-11.otlp.part"]);
});

test("what a later try may mend stays, what is refused for good is dropped and said", async () => {
  spool("1-0.otlp", "x");
  answer = 503;
  expect(await sendSpooled(folder)).toMatchObject({ sent: 0, problem: `HTTP 503 from ${url}/v1/traces` });
  expect(folder.spooled()).toHaveLength(1);
  answer = 400;
  expect(await sendSpooled(folder)).toEqual({ sent: 0, refused: [`HTTP 400 from ${url}/v1/traces`] });
  expect(folder.spooled()).toHaveLength(0);
});

test("events are read once, also when a line comes in pieces; other lines are left out", () => {
  const file = path.join(folder.path, "status", "5.jsonl");
  const event = { event: "start", pid: 5, runtime: "node 20.20" };
  const text = `${JSON.stringify(event)}\nnonsense\n{"event":1}\n${JSON.stringify({ ...event, event: "end" })}\n`;
  writeFileSync(file, text.slice(0, -8));
  expect(folder.newEvents()).toEqual([event]);
  writeFileSync(file, text);
  expect(folder.newEvents()).toEqual([{ ...event, event: "end" }]);
  expect(folder.newEvents()).toEqual([]);
});
