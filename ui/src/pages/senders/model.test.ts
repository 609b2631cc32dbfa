import { expect, it } from "vitest";
import type { Sender } from "../../../../src/api/explore/wire.ts";
import { adviceOf, labelsText, refusalsOf, sortLosses, protocolName, sortSenders } from "./model.ts";

const sender = (service: string, advice: Sender["advice"] = []): Sender => ({
  tenant: "",
  service,
  peer: "127.0.0.1",
  userAgent: "",
  protocol: "grpc",
  port: 4317,
  encrypted: false,
  compression: "",
  firstSeenUnixMs: 0,
  lastSeenUnixMs: 0,
  requests: 1,
  bytes: 1,
  items: { traces: 0, metrics: 0, logs: 0 },
  refusedItems: 0,
  refusals: [],
  sdkLanguage: "",
  sdkVersion: "",
  advice,
});
const advice = (code: Sender["advice"][number]["code"], count: number): Sender["advice"][number] => ({
  code,
  message: "m",
  fix: "f",
  count,
});

it("lists senders with advice first", () => {
  const listed = sortSenders([sender("b"), sender("c", [advice("wrong-port", 1)]), sender("a")]);
  expect(listed.map((entry) => entry.service)).toEqual(["c", "a", "b"]);
});

it("lists lost data before odd ways of sending", () => {
  const listed = adviceOf([
    sender("a", [advice("wrong-port", 900), advice("clock-skew", 5)]),
    sender("b", [advice("malformed", 1)]),
  ]);
  expect(listed.map((entry) => [entry.code, entry.isLoss])).toEqual([
    ["malformed", true],
    ["wrong-port", false],
    ["clock-skew", false],
  ]);
});

it("names protocols, known or not", () => {
  expect(protocolName("http/protobuf")).toBe("HTTP, protobuf");
  expect(protocolName("carrier-pigeon")).toBe("carrier-pigeon");
});

it("lists what did not get through, largest first", () => {
  const loss = (reason: string, count: number) => ({
    stage: "receiver" as const,
    component: "otlp",
    signal: "traces",
    outcome: "refused" as const,
    reason,
    unit: "items" as const,
    count,
  });
  const found = sortLosses([loss("malformed", 2), loss("memory-limit", 5)]);
  expect(found.map(({ reason }) => reason)).toEqual(["memory-limit", "malformed"]);
});

it("lists what was refused of each sender by reason", () => {
  const refused = (service: string, reasons: Readonly<Record<string, number>>) => ({
    service,
    peer: "127.0.0.1",
    protocol: "grpc" as const,
    port: 4317,
    refusals: Object.entries(reasons).map(([reason, requests]) => ({ reason, requests, items: 0 })),
  });
  const found = refusalsOf([
    refused("cart", { malformed: 1, "memory-limit": 7 }),
    refused("", { malformed: 3 }),
  ]);
  expect(found.map(({ sender, reason, requests }) => [sender.service, reason, requests])).toEqual([
    ["cart", "memory-limit", 7],
    ["", "malformed", 3],
    ["cart", "malformed", 1],
  ]);
});

it("prints labels", () => {
  expect(labelsText({ receiver: "otlp", reason: "x" })).toBe("receiver=otlp reason=x");
});
