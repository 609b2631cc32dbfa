import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClickHouseClient } from "./client.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-client-"));
const socket = path.join(folder, "s");
/** Longer than connections are left idle by default. */
const slowMs = 4000;
const server = createServer((request, response) => {
  let sql = "";
  request.setEncoding("utf8").on("data", (text: string) => (sql += text));
  request.on("end", () => setTimeout(() => response.end("1\n"), sql.includes("slow") ? slowMs : 0));
});

beforeAll(async () => {
  await once(server.listen(socket), "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

test("a query gets its answer on a connection of which others were given up before they were sent", async () => {
  const address = { kind: "socket", path: socket, database: "otelier" } as const;
  const client = new ClickHouseClient({ address, maxConnections: 1 });
  await client.syntaxTree("select 0", { what: "begin" });
  // One of these is given up between the moment when it gets the connection and the one when it learns of it.
  for (let turns = 0; turns < 40; turns++) {
    const leaving = new AbortController();
    const left = client.syntaxTree("select 1", { what: "leave", signal: leaving.signal }).catch(() => "");
    const waiting = client.syntaxTree("select 2", { what: "take the connection over" });
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    leaving.abort();
    await Promise.all([left, waiting]);
  }
  await expect(client.syntaxTree("slow", { what: "wait" })).resolves.toBe("1\n");
  await client.close();
});
