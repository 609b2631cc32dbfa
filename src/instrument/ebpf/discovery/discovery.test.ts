import { createServer, type AddressInfo } from "node:net";
import process from "node:process";
import { expect, test } from "vitest";
import { listeners, listeningSockets } from "./listeners.ts";
import { reasonToLeaveAlone, resourceOfRunning, type RunningProcess } from "./running-process.ts";
import { matchesGlob, parsePorts } from "./selection.ts";

test.each([
  ["8080", [{ first: 8080, last: 8080 }]],
  ["9000-9010", [{ first: 9000, last: 9010 }]],
  [
    "80, 9000-9010",
    [
      { first: 80, last: 80 },
      { first: 9000, last: 9010 },
    ],
  ],
  ["0", undefined],
  ["80,", undefined],
  ["9010-9000", undefined],
  ["65536", undefined],
  ["http", undefined],
])("ports %s", (text, expected) => {
  expect(parsePorts(text)).toEqual(expected);
});

test.each([
  ["shop-*", "shop-cart", true],
  ["shop-*", "my-shop-cart", false],
  ["/srv/*/bin/?pp", "/srv/a/b/bin/app", true],
  ["a.b", "axb", false],
  ["{*beyla,*otelcol}", "/usr/bin/otelcol", true],
  ["{*beyla,*otelcol}", "/usr/bin/otelcol-contrib", false],
  ["*otelcol-contrib[!/]*", "/bin/otelcol-contrib-1", true],
  ["*otelcol-contrib[!/]*", "/otelcol-contrib/sh", false],
  ["[ab]pp", "bpp", true],
  ["{a", "a", false],
  ["a,b", "a,b", true],
])("glob %s on %s", (glob, text, expected) => {
  expect(matchesGlob(glob, text)).toBe(expected);
});

test("listening sockets of a port, and no others", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4001 1 0",
    "   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 4002 1 0",
    "   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4003 1 0",
  ].join("\n");
  expect([...listeningSockets(table, [{ first: 8000, last: 9000 }])]).toEqual([["4001", 8080]]);
});

test.skipIf(process.platform !== "linux")("this process listens on its port, and on no other", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  expect([...listeners([process.pid], [{ first: port, last: port }])]).toEqual([
    [process.pid, new Set([port])],
  ]);
  await new Promise((resolve) => server.close(resolve));
  expect([...listeners([process.pid], [{ first: port, last: port }])]).toEqual([]);
});

const plain: RunningProcess = {
  pid: 7,
  executable: "/usr/bin/python3.11",
  words: ["python3", "app.py"],
  environment: {},
  cgroup: "0::/",
};

test.each<readonly [string, Partial<RunningProcess>, RegExp | undefined]>([
  ["nothing set", {}, undefined],
  ["a name only", { environment: { OTEL_SERVICE_NAME: "shop" } }, undefined],
  [
    "an agent in its environment",
    { environment: { PYTHONPATH: "/x/opentelemetry/y" } },
    /agent is in PYTHONPATH/,
  ],
  ["an agent that starts it", { words: ["python3", "/bin/opentelemetry-instrument", "a"] }, /started with/],
  ["an exporter", { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a" } }, /ENDPOINT is set/],
  [
    "an exporter without traces",
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_TRACES_EXPORTER: "none" } },
    undefined,
  ],
  ["ClickHouse", { executable: "/usr/bin/clickhouse-server" }, /never observed/],
  ["ourselves", { words: ["node", "/opt/otelier/dist/main.js", "up"] }, /part of Otelier/],
  [
    "our engine",
    { words: ["node", "/opt/otelier/src/storage/clickhouse/engine/main.ts"] },
    /part of Otelier/,
  ],
  ["a program that lies beside ours", { words: ["node", "/opt/otelier/sources/main.js"] }, undefined],
])("whether a process is left alone: %s", (_, change, expected) => {
  const reason = reasonToLeaveAlone({ ...plain, ...change }, { ownFolder: "/opt/otelier" });
  if (expected === undefined) expect(reason).toBeUndefined();
  else expect(reason).toMatch(expected);
});

test("what reports by itself is observed when that is asked for; ClickHouse never is", () => {
  const options = { ownFolder: "/opt/otelier", alsoReporting: true };
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a" };
  expect(reasonToLeaveAlone({ ...plain, environment }, options)).toBeUndefined();
  expect(reasonToLeaveAlone({ ...plain, executable: "/usr/bin/clickhouse" }, options)).toMatch(/never/);
});

test("the service's name: its own, else the given one, else the executable's; the container by its cgroup", () => {
  const nameOf = (environment: RunningProcess["environment"], given?: string, rule = {}): unknown =>
    resourceOfRunning({ ...plain, environment }, { rule, fallback: { name: given } }, "1").get(
      "service.name",
    );
  expect(nameOf({ OTEL_SERVICE_NAME: "own" }, "given", { name: "of the rule" })).toBe("of the rule");
  expect(nameOf({ OTEL_SERVICE_NAME: "own" }, "given")).toBe("own");
  expect(nameOf({ OTEL_RESOURCE_ATTRIBUTES: "service.name=own" }, "given")).toBe("own");
  expect(nameOf({}, "given")).toBe("given");
  expect(nameOf({})).toBe("python3.11");
  const id = "ab".repeat(32);
  const resource = resourceOfRunning({ ...plain, cgroup: `0::/system.slice/docker-${id}.scope\n` }, {}, "1");
  expect(resource.get("container.id")).toBe(id);
  expect(resource.get("telemetry.sdk.language")).toBe("python");
});
