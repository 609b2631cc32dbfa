import { expect, test } from "vitest";
import { isLoopback, parseTcpAddress, plainPeer, printAddress } from "./address.ts";

test.each([
  ["localhost:4317", { kind: "tcp", host: "localhost", port: 4317 }, true],
  ["127.0.0.1:0", { kind: "tcp", host: "127.0.0.1", port: 0 }, true],
  ["127.1.2.3:1", { kind: "tcp", host: "127.1.2.3", port: 1 }, true],
  ["[::1]:4317", { kind: "tcp", host: "::1", port: 4317 }, true],
  ["0.0.0.0:4317", { kind: "tcp", host: "0.0.0.0", port: 4317 }, false],
  [":4317", { kind: "tcp", host: "", port: 4317 }, false],
  ["[::]:4317", { kind: "tcp", host: "::", port: 4317 }, false],
  ["localhost.evil.test:1", { kind: "tcp", host: "localhost.evil.test", port: 1 }, false],
  ["127.0.0.1.evil.test:1", { kind: "tcp", host: "127.0.0.1.evil.test", port: 1 }, false],
] as const)("%s", (text, expected, loopback) => {
  const address = parseTcpAddress(text);
  expect(address).toEqual(expected);
  if ("problem" in address) return;
  expect(printAddress(address)).toBe(text);
  expect(isLoopback(address)).toBe(loopback);
});

test.each([
  ["localhost", "address localhost: missing port in address"],
  ["", "address : missing port in address"],
  ["::1:4317", "address ::1:4317: too many colons in address"],
  ["localhost:port", 'invalid port "port"'],
  ["localhost:", 'invalid port ""'],
  ["localhost:70000", 'invalid port "70000"'],
])("%s is no address", (text, problem) => {
  expect(parseTcpAddress(text)).toEqual({ problem });
});

test("a Unix socket is reached from this machine only", () => {
  expect(isLoopback({ kind: "unix", path: "/run/otlp.sock" })).toBe(true);
  expect(printAddress({ kind: "unix", path: "/run/otlp.sock" })).toBe("unix:/run/otlp.sock");
});

test("a peer loses the IPv4-in-IPv6 prefix", () => {
  expect([plainPeer("::ffff:10.0.0.1"), plainPeer("::1"), plainPeer(undefined)]).toEqual([
    "10.0.0.1",
    "::1",
    "",
  ]);
});
