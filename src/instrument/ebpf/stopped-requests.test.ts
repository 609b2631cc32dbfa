import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoppedRequests } from "./stopped-requests.ts";

const server = createServer();
const accepted: Socket[] = [];
server.on("connection", (socket: Socket) => accepted.push(socket));
let clients: Socket[] = [];
/** Paths at which requests stop now. */
let stopped: string[] = [];
const own = `/proc/${process.pid}/exe`;

function attach(path: string): readonly { detach(): Promise<void> }[] {
  stopped.push(path);
  return [
    {
      detach: () => {
        stopped = stopped.filter((each) => each !== path);
        return Promise.resolve();
      },
    },
  ];
}

async function open(): Promise<Socket> {
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(server, "connection");
  clients.push(client);
  return client;
}

function nameOf(client: Socket): string {
  return `${client.localAddress}:${client.localPort}`;
}

beforeEach(async () => {
  stopped = [];
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  for (const socket of [...clients, ...accepted]) socket.destroy();
  clients = [];
  accepted.length = 0;
  await new Promise((resolve) => server.close(resolve));
});

test("a process without connections does not stop", () => {
  const requests = new StoppedRequests(attach);
  requests.begin(process.pid);
  expect(stopped).toEqual([]);
});

test("stops until a request of each older connection has been seen", async () => {
  const [first, second] = [await open(), await open()];
  const requests = new StoppedRequests(attach);
  requests.begin(process.pid);
  expect(stopped).toEqual([own]);
  requests.see(process.pid, nameOf(first));
  requests.see(process.pid, nameOf(first));
  requests.see(process.pid, "127.0.0.1:1");
  expect([stopped, requests.isWaiting]).toEqual([[own], true]);
  requests.see(process.pid, nameOf(second));
  expect([stopped, requests.isWaiting]).toEqual([[], false]);
});

test("or until they are closed", async () => {
  const client = await open();
  const requests = new StoppedRequests(attach);
  requests.begin(process.pid);
  requests.look(1000, new Set());
  expect(stopped).toEqual([own]);
  const closed = once(accepted[0]!, "close");
  client.destroy();
  await closed;
  requests.look(2000, new Set());
  expect(stopped).toEqual([]);
});

test("stops as long as a process has strange connections, and never twice", async () => {
  await open();
  const requests = new StoppedRequests(attach);
  requests.look(0, new Set([process.pid]));
  requests.begin(process.pid);
  expect(stopped).toEqual([own]);
  requests.end(process.pid);
  expect(stopped).toEqual([own]);
  requests.look(1, new Set());
  expect(stopped).toEqual([]);
});

test("what cannot be attached to is tried again, while it is there", () => {
  let isThere = false;
  const requests = new StoppedRequests((path) => {
    if (!isThere) throw new Error("no such file");
    return attach(path);
  });
  requests.look(0, new Set([process.pid]));
  expect(stopped).toEqual([]);
  isThere = true;
  requests.look(1, new Set([process.pid]));
  expect(stopped).toEqual([own]);
});
