import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { listeningInodes, portOwner } from "./port-owner.ts";
import { serveHttp } from "./http-server.ts";

test("listening sockets of a port are found in the table", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:10DD 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0
   1: 0100007F:10DD 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 12346 1 0 20 4 30 10 -1
   2: 0100007F:10DE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12347 1 0 100 0 0 10 0`;
  expect(listeningInodes(table, 4317)).toEqual(["12345"]);
  expect(listeningInodes(table, 80)).toEqual([]);
});

test.runIf(existsSync("/proc/net/tcp"))("the process that listens is named", async () => {
  const server = await serveHttp({ endpoint: "127.0.0.1:0", handler: () => ({ status: 200 }) });
  const owner = await portOwner(server.port);
  expect(owner?.pid).toBe(process.pid);
  expect(owner?.command).toContain("node");
  await server.close(0);
  expect(await portOwner(server.port)).toBeUndefined();
});
