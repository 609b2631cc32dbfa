import { expect, test } from "vitest";
import { otlpBytes } from "../../../test/fakes/otlp-payload.ts";
import { createManualClock } from "../../../test/fakes/manual-clock.ts";
import { seededRandom } from "../../base/random.ts";
import { identifySender, unknownIdentity } from "./identify.ts";
import { SenderRegistry, type SenderConnection, type SenderRequest } from "./sender-registry.ts";

const connection: SenderConnection = {
  tenant: "",
  peer: "127.0.0.1",
  userAgent: "test",
  protocol: "grpc",
  port: 4317,
  encrypted: false,
};

function request(service: string, rest: Partial<SenderRequest> = {}): SenderRequest {
  return { connection, identity: { ...unknownIdentity, service }, compression: "", bytes: 10, ...rest };
}

test("the sender is read from any signal", () => {
  for (const signal of ["traces", "metrics", "logs"] as const) {
    expect(identifySender(otlpBytes(signal))).toEqual({
      service: "checkout",
      sdkLanguage: "nodejs",
      sdkVersion: "2.1.0",
    });
  }
});

test("bytes that are cut or changed anywhere are never more than an unknown sender", () => {
  const bytes = otlpBytes("traces");
  for (let length = 0; length < bytes.length; length++) {
    expect(["", "checkout"]).toContain(identifySender(bytes.subarray(0, length)).service);
  }
  const random = seededRandom(5);
  for (let round = 0; round < 2000; round++) {
    const changed = Buffer.from(bytes);
    changed[Math.floor(random.next() * 120)] = Math.floor(random.next() * 256);
    expect(() => identifySender(changed)).not.toThrow();
  }
});

test("requests of one service by one protocol to one port from one address are one sender", () => {
  const clock = createManualClock(5000);
  const registry = new SenderRegistry({ clock });
  registry.record(request("shop", { signal: "traces", acceptedItems: 3 }));
  registry.record(request("shop", { signal: "logs", acceptedItems: 2, refusedItems: 1 }));
  registry.record(request("shop", { connection: { ...connection, port: 4318 } }));
  registry.record(request("cart"));
  expect(registry.list().map((sender) => [sender.service, sender.port, sender.requests])).toEqual([
    ["shop", 4317, 2],
    ["shop", 4318, 1],
    ["cart", 4317, 1],
  ]);
  expect(registry.list()[0]).toMatchObject({
    items: { traces: 3, metrics: 0, logs: 2 },
    refusedItems: 1,
    bytes: 20,
    firstSeenUnixMs: 5000,
  });
});

test("advice is counted, and bounded", () => {
  const registry = new SenderRegistry({ clock: createManualClock() });
  const advice = { code: "malformed", message: "is broken", fix: "mend it" } as const;
  registry.record(request("shop", { advice }));
  registry.record(request("shop", { advice }));
  for (let count = 0; count < 100; count++)
    registry.record(request("shop", { advice: { ...advice, fix: `${count}` } }));
  const found = registry.list()[0]?.advice ?? [];
  expect(found[0]).toEqual({ ...advice, count: 2 });
  expect(found).toHaveLength(16);
});

test("refusals are counted by reason, and bounded", () => {
  const registry = new SenderRegistry({ clock: createManualClock() });
  registry.record(request("shop", { refusal: "memory-limit", refusedItems: 7 }));
  registry.record(request("shop", { refusal: "memory-limit", refusedItems: 2 }));
  registry.record(request("shop", { refusal: "malformed" }));
  for (let count = 0; count < 100; count++) registry.record(request("shop", { refusal: `reason-${count}` }));
  const found = registry.list()[0]?.refusals ?? [];
  expect(found.slice(0, 2)).toEqual([
    { reason: "memory-limit", requests: 2, items: 9 },
    { reason: "malformed", requests: 1, items: 0 },
  ]);
  expect(found).toHaveLength(32);
});

test("beyond the limit those go that are unnamed, then those not heard of for longest", async () => {
  const clock = createManualClock();
  const registry = new SenderRegistry({ clock, limit: 3 });
  for (const service of ["first", "", "second"]) {
    registry.record(request(service));
    await clock.advance(10);
  }
  registry.record(request("first"));
  for (const service of ["third", "fourth"]) {
    await clock.advance(10);
    registry.record(request(service));
  }
  expect(registry.list().map((sender) => sender.service)).toEqual(["fourth", "third", "first"]);
});

test("listeners hear of changes, but not of each one", async () => {
  const clock = createManualClock();
  const registry = new SenderRegistry({ clock, notifyEveryMs: 250 });
  let heard = 0;
  const stop = registry.onChange(() => heard++);
  for (let count = 0; count < 100; count++) registry.record(request("shop"));
  expect(heard).toBe(0);
  await clock.advance(250);
  expect(heard).toBe(1);
  registry.record(request("shop"));
  await clock.advance(250);
  expect(heard).toBe(2);
  stop();
  registry.record(request("shop"));
  await clock.advance(1000);
  expect(heard).toBe(2);
});
