import { describe, expect, it } from "vitest";
import type { ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { languageName, redFigures } from "../../panels/services/model.ts";
import { matchServices, sortServices, totalsOf } from "./model.ts";
import { snippets } from "./snippets.ts";

const service = (name: string, change: Partial<ServiceSummary> = {}): ServiceSummary => ({
  name,
  namespace: "",
  version: "",
  language: "",
  distro: "",
  releases: [],
  instances: 1,
  spanCount: 0,
  logCount: 0,
  lastSeenMs: 0,
  count: 0,
  errorCount: 0,
  p50Nano: 0,
  p95Nano: 0,
  p99Nano: 0,
  countSeries: [],
  errorSeries: [],
  ...change,
});

const shop = service("shop", {
  count: 60,
  errorCount: 3,
  p95Nano: 5,
  countSeries: [20, 40],
  errorSeries: [0, 3],
  lastSeenMs: 120_000,
  spanCount: 99,
});
const mail = service("mail", {
  count: 10,
  errorCount: 5,
  p95Nano: 9,
  countSeries: [10, 0],
  errorSeries: [5, 0],
  lastSeenMs: 119_000,
  language: "python",
});
const idle = service("idle", { logCount: 4, lastSeenMs: 200_000 });

describe("sortServices", () => {
  it.each([
    ["name", ["idle", "mail", "shop"]],
    ["rate", ["shop", "mail", "idle"]],
    ["errors", ["mail", "shop", "idle"]],
    ["p95", ["mail", "shop", "idle"]],
    ["lastSeen", ["idle", "shop", "mail"]],
  ] as const)("%s", (by, wanted) => {
    expect(sortServices([shop, idle, mail], by).map((entry) => entry.name)).toEqual(wanted);
  });
});

it("adds up figures over services", () => {
  expect(redFigures({ count: 30, errorCount: 3 }, 60_000)).toEqual({ perSecond: 0.5, errorShare: 0.1 });
  expect(redFigures({ count: 0, errorCount: 0 }, 0)).toEqual({ perSecond: 0, errorShare: 0 });
  expect(totalsOf([shop, mail, idle], 70_000)).toEqual({
    perSecond: 1,
    errorShare: 8 / 70,
    services: 3,
    spans: 99,
    logs: 4,
    slowest: mail,
    countSeries: [30, 40],
    errorSeries: [5, 3],
  });
  expect(totalsOf([idle], 1000).slowest).toBeUndefined();
});

it("finds by name and language", () => {
  expect(matchServices([shop, mail], " PYTH").map((entry) => entry.name)).toEqual(["mail"]);
  expect(matchServices([shop, mail], "")).toHaveLength(2);
  expect(languageName("nodejs")).toBe("Node.js");
  expect(languageName("cobol")).toBe("cobol");
});

it("puts the server's address into every snippet that needs one", () => {
  const endpoints = { grpc: "http://host:4317", http: "http://host:4318" };
  const all = snippets(endpoints, "");
  for (const snippet of all.filter((entry) => entry.id !== "run"))
    expect(snippet.code).toMatch(/http:\/\/host:431[78]/);
  for (const snippet of all) expect(snippet.code).not.toMatch(/orgid/i);
  for (const snippet of snippets(endpoints, "acme")) expect(snippet.code).toMatch(/orgid[=:] ?"?acme"/i);
});
