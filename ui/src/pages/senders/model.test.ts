import { expect, it } from "vitest";
import type { Sender } from "../../../../src/api/explore/wire.ts";
import { adviceOf, labelsText, lossesOf, protocolName, sortSenders } from "./model.ts";

const sender = (service: string, advice: Sender["advice"] = []): Sender => ({
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
  const counter = (name: string, value: number) => ({
    name,
    labels: { receiver: "otlp", reason: "x" },
    value,
  });
  const found = lossesOf([
    counter("otelcol_receiver_accepted_spans", 9),
    counter("otelcol_receiver_refused_spans", 2),
    counter("otelcol_exporter_send_failed_spans", 5),
    counter("otelcol_exporter_enqueue_failed_spans", 0),
  ]);
  expect(found.map(({ value }) => value)).toEqual([5, 2]);
  expect(labelsText(found[0]!.labels)).toBe("receiver=otlp reason=x");
});
