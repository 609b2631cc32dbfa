import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type ListenOptions, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { acceptedConnections, openSockets, tcpRows, unixConnections } from "./open-connections.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-connections-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each<[string, ListenOptions, (port: number) => string | undefined]>([
  ["IPv4", { host: "127.0.0.1", port: 0 }, (port) => `127.0.0.1:${port}`],
  ["IPv6", { host: "::1", port: 0 }, (port) => `[::1]:${port}`],
  ["a Unix socket", { path: path.join(folder, "socket") }, () => undefined],
])("connections that were accepted over %s, until they are closed", async (_, options, peerAt) => {
  const server = createServer().listen(options);
  await once(server, "listening");
  const before = acceptedConnections(process.pid);
  const port = server.address() as AddressInfo | string | null as AddressInfo;
  const client = options.path === undefined ? connect(port.port, options.host) : connect(options.path);
  try {
    const [accepted] = (await once(server, "connection")) as [Socket];
    const made = [...acceptedConnections(process.pid)].filter(([inode]) => !before.has(inode));
    // Of a Unix socket both ends are this process's, and look the same.
    expect(made.map(([, peer]) => peer)).toContainEqual(peerAt(client.localPort ?? 0));
    expect([...openSockets(process.pid)]).toEqual(expect.arrayContaining(made.map(([inode]) => inode)));
    const closed = [once(accepted, "close"), once(client, "close")];
    accepted.destroy();
    client.destroy();
    await Promise.all(closed);
    const left = acceptedConnections(process.pid);
    expect(made.filter(([inode]) => left.has(inode))).toEqual([]);
  } finally {
    server.close();
  }
});

test("a process that has ended has none", () => {
  expect(acceptedConnections(0x7ffffffe)).toEqual(new Map());
});

const own = new Set(["11", "12", "13", "14"]);

test("what the kernel writes of TCP", () => {
  const table = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 0100007F:1F90 0700000A:A232 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0700000A:A233 01 00000000:00000000 00:00000000 00000000     0        0 99 1 0 20 4 30 10 -1
   3: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000700000A:0050 08 00:00 00:0 0 0 0 13 1 0
   4: B80D0120000000000000000001000000:1F90 B80D0120000000000100000000000000:0050 01 00:00 00:0 0 0 0 14 1 0
`;
  expect(tcpRows(table, own)).toEqual([
    { inode: "11", state: "0A", port: "1F90", peer: "0.0.0.0:0" },
    { inode: "12", state: "01", port: "1F90", peer: "10.0.0.7:41522" },
    { inode: "13", state: "08", port: "1F90", peer: "10.0.0.7:80" },
    {
      inode: "14",
      state: "01",
      port: "1F90",
      peer: "[2001:db8::1:0:0]:80",
    },
  ]);
});

test.each([
  ["a process that listens", "00010000", ["12"]],
  ["one that does not", "00000000", []],
])("what the kernel writes of Unix sockets: %s", (_, flags, found) => {
  const table = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 ${flags} 0001 01 11 /run/app.sock
0000000000000000: 00000003 00000000 00000000 0001 03 12 /run/app.sock
0000000000000000: 00000003 00000000 00000000 0002 03 13
0000000000000000: 00000003 00000000 00000000 0001 03 99
`;
  expect(unixConnections(table, own)).toEqual(found);
});
