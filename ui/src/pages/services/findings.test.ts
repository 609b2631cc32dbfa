import { expect, it } from "vitest";
import type { OperationSummary, ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { findingsOf } from "./findings.ts";

const nowMs = 1_800_000_000_000;
const windowMs = 900_000;
const flat = (value: number): number[] => Array.from({ length: 10 }, () => value);
const service = (change: Partial<ServiceSummary>): ServiceSummary => ({
  name: "shop",
  namespace: "",
  version: "1.0.0",
  releases: [],
  language: "go",
  distro: "",
  instances: 1,
  spanCount: 100,
  logCount: 100,
  lastSeenMs: nowMs,
  count: 1000,
  errorCount: 0,
  p50Nano: 1e6,
  p95Nano: 2e6,
  p99Nano: 3e6,
  countSeries: flat(100),
  errorSeries: flat(0),
  ...change,
});
const said = (change: Partial<ServiceSummary>): readonly string[] =>
  findingsOf([service(change)], [], [], windowMs, nowMs).map(({ kind, message }) => `${kind}: ${message}`);

it.each<[string, Partial<ServiceSummary>, RegExp | undefined]>([
  ["a healthy service", {}, undefined],
  ["a failing one", { errorCount: 80, errorSeries: flat(8) }, /^wrong: fails 8\.00.%/],
  [
    "a burst of errors",
    { errorCount: 20, errorSeries: [0, 0, 0, 0, 0, 0, 0, 0, 10, 10] },
    /^wrong: fails more than before: 10\.0.% of requests lately, 0.% until then/,
  ],
  ["fewer requests", { countSeries: [...flat(100).slice(2), 10, 10] }, /^changed: has fewer requests/],
  ["one that began within the window", { countSeries: [0, 0, 0, 0, 0, 0, 0, 9, 99, 99] }, undefined],
  [
    "a release",
    {
      releases: [
        { version: "1.0.0", firstMs: nowMs - 800_000 },
        { version: "1.1.0", firstMs: nowMs - 300_000 },
      ],
    },
    /^changed: runs version 1\.1\.0, first seen 5.min ago; before: 1\.0\.0/,
  ],
  ["one version all the time", { releases: [{ version: "1.0.0", firstMs: nowMs - 800_000 }] }, undefined],
  ["silence", { lastSeenMs: nowMs - 400_000 }, /^changed: is silent/],
  ["no logs", { logCount: 0, language: "java" }, /^missing: sends spans but no logs/],
  ["no logs of a program that needs code for them", { logCount: 0 }, undefined],
  ["no version", { version: "" }, /^missing: does not say its version/],
  ["no name", { name: "unknown_service:node" }, /^missing: has no name/],
])("finds in %s what it should", (_, change, wanted) => {
  const found = said(change);
  if (wanted === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([expect.stringMatching(wanted)]);
});

it("lists slow routes, and what is wrong before what is missing", () => {
  const operation: OperationSummary = {
    ...service({}),
    service: "shop",
    name: "GET /slow",
    kind: "Server",
    p95Nano: 2e9,
  };
  const found = findingsOf([service({ version: "" })], [operation], [], windowMs, nowMs);
  expect(found.map(({ kind, look }) => [kind, look])).toEqual([
    ["wrong", "operation"],
    ["missing", "service"],
  ]);
});

it("names a service that is new while others ran before", () => {
  const begins = service({ name: "cart", countSeries: [0, 0, 0, 0, 0, 0, 0, 9, 99, 99] });
  const messages = (services: readonly ServiceSummary[]): readonly string[] =>
    findingsOf(services, [], [], windowMs, nowMs).map(({ service: name, message }) => `${name} ${message}`);
  expect(messages([service({}), begins])).toEqual([
    expect.stringMatching(/^cart is new in this window: its first requests came 4\smin ago$/),
  ]);
  expect(messages([begins])).toEqual([]);
  expect(messages([service({}), service({ name: "idle", count: 0, countSeries: flat(0) })])).toEqual([]);
});
