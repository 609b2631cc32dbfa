import { expect, test } from "vitest";
import { Ancestry } from "./ancestry.ts";
import type { Socket } from "../../chunks/chunk.ts";
import type { Traceparent } from "./traceparent.ts";
import { InOrder } from "../../chunks/in-order.ts";

const request = (): Traceparent => ({
  traceId: new Uint8Array(16),
  spanId: new Uint8Array(8),
  sampled: true,
});
const client: Socket = {
  file: 1n,
  network: 1n,
  family: "ip",
  protocol: "tcp",
  local: "127.0.0.1",
  localPort: 50_000,
  remote: "127.0.0.1",
  remotePort: 80,
};
const server: Socket = { ...client, file: 2n, localPort: 80, remotePort: 50_000 };

test.each<readonly [string, Partial<Socket>, Partial<Socket>, boolean]>([
  ["both ends the same", {}, {}, true],
  ["another port", {}, { remotePort: 50_001 }, false],
  ["loopback of another network", {}, { network: 2n }, false],
  [
    "other addresses over networks",
    { local: "10.0.0.1", remote: "10.0.0.2" },
    { local: "10.0.0.2", remote: "10.0.0.1", network: 2n },
    true,
  ],
  ["Unix sockets, whose ends have no names", { family: "unix" }, { family: "unix" }, false],
])("a caller over a connection: %s", (_, one, other, isFound) => {
  const ancestry = new Ancestry();
  const asked = request();
  ancestry.ask({ ...client, ...one }, asked);
  expect(ancestry.callerOver({ ...server, ...other })).toBe(isFound ? asked : undefined);
  ancestry.gotAnswer({ ...client, ...one }, asked);
  expect(ancestry.callerOver({ ...server, ...other })).toBeUndefined();
});

test("chunks come in the order in which they happened; late ones wait", () => {
  const order = new InOrder();
  const chunk = (timeNs: bigint) => ({
    timeNs,
    beganNs: timeNs,
    endedNs: timeNs,
    size: 0,
    process: 1,
    thread: 1,
    descriptor: 1,
    direction: "in" as const,
    data: Buffer.alloc(0),
    gap: false,
    unsent: false,
    tail: Buffer.alloc(8),
  });
  for (const time of [5n, 2n, 9n]) order.add(chunk(time));
  expect(order.upTo(6n).map(({ timeNs }) => timeNs)).toEqual([2n, 5n]);
  order.add(chunk(7n));
  expect(order.upTo(10n).map(({ timeNs }) => timeNs)).toEqual([7n, 9n]);
});
