import fc from "fast-check";
import { expect, test } from "vitest";
import { clientBegin, content, get, headers, rpc, serverBegin } from "./testdata/http2-bytes.ts";
import { dnsMessage } from "./testdata/dns-bytes.ts";
import * as kafka from "./testdata/kafka-bytes.ts";
import { clientSocket, observe, type Step } from "./testdata/observe.ts";

/** Whole conversations: what one side sends, and what the other answers. */
const records = kafka.batchOf(3);
const topic = { topic: "orders", partitions: [{ index: 1, records }] };
const conversations: Readonly<Record<string, readonly (readonly ["out" | "in", Buffer])[]>> = {
  http2: [
    ["out", Buffer.concat([clientBegin, get(1, "/a"), rpc(3, "/shop.Cart/Add")])],
    ["in", Buffer.concat([serverBegin, headers(1, { ":status": 200 }), content(1, 900, true)])],
    ["in", headers(3, { ":status": 200, "grpc-status": "5" }, true)],
    ["out", get(5, "/b")],
  ],
  dns: [
    ["out", dnsMessage(7, "shop.example", 1)],
    ["in", dnsMessage(7, "shop.example", 1, { answer: true })],
  ],
  kafka: [
    ["out", kafka.metadataRequest(12, 1)],
    ["in", kafka.metadataResponse(12, 1, [{ name: "orders", id: "00112233445566778899aabbccddeeff" }])],
    ["out", kafka.produceRequest(9, 2, [topic])],
    ["in", kafka.produceResponse(9, 2, [{ topic: "orders", partitions: [{ index: 1, error: 0 }] }])],
    ["out", kafka.fetchRequest(12, 3, [{ topic: "orders", partitions: [1] }])],
    ["in", kafka.fetchResponse(12, 3, [topic])],
  ],
  redis: [
    ["out", Buffer.from("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n")],
    ["in", Buffer.from("$3\r\nabc\r\n+PONG\r\n")],
  ],
  postgres: [
    ["out", Buffer.from("Q\0\0\0\x0dSELECT 1\0", "latin1")],
    ["in", Buffer.from("C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I", "latin1")],
  ],
  mysql: [
    ["out", Buffer.from("\x09\0\0\0\x03SELECT 1", "latin1")],
    ["in", Buffer.from("\x07\0\0\x01\0\0\0\x02\0\0\0", "latin1")],
  ],
};

/** One byte that is another, bytes that are missing, or a rest that was not seen, at a place of the conversation. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
  kind: fc.constantFrom("byte", "cut", "unseen", "gap", "split", "none"),
  value: fc.nat(255),
});

function damaged(
  conversation: readonly (readonly ["out" | "in", Buffer])[],
  wounds: readonly { readonly at: number; readonly kind: string; readonly value: number }[],
): readonly Step[] {
  const steps: Step[] = conversation.map(([way, bytes], index) =>
    way === "out" ? { at: index + 1, out: bytes } : { at: index + 1, in: bytes },
  );
  for (const { at, kind, value } of wounds) {
    const index = Math.floor(at * steps.length);
    const step = steps[index]!;
    const way = step.out === undefined ? "in" : "out";
    const bytes = Buffer.from(step.out ?? step.in ?? Buffer.alloc(0));
    const place = (value * 7919) % Math.max(1, bytes.length);
    if (kind === "byte" && bytes.length > 0) bytes[place] = value;
    const kept = kind === "cut" ? bytes.subarray(place) : bytes;
    const { gap } = step;
    const seen = kind === "unseen" ? { captured: place } : {};
    const one = {
      at: step.at,
      ...(gap === undefined ? {} : { gap }),
      ...(kind === "gap" ? { gap: true } : {}),
      ...seen,
    };
    if (kind === "split") {
      steps.splice(
        index,
        1,
        { ...one, [way]: kept.subarray(0, place) },
        { ...one, [way]: kept.subarray(place) },
      );
    } else steps[index] = { ...one, [way]: kept };
  }
  return steps;
}

test.each(Object.entries(conversations))(
  "%s: whatever is damaged, nothing throws and no request becomes two",
  (_, conversation) => {
    expect(observe(damaged(conversation, []), socketOf(conversation)).records.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), (wounds) => {
        const steps = damaged(conversation, wounds);
        const { records: told } = observe(steps, socketOf(conversation));
        const bytes = steps.reduce((sum, step) => sum + (step.out ?? step.in)!.length, 0);
        // The shortest request that is understood has nine bytes.
        expect(told.length).toBeLessThanOrEqual(Math.ceil(bytes / 9));
        for (const { startNs, endNs } of told) expect(endNs).toBeGreaterThanOrEqual(startNs);
      }),
      { numRuns: 500 },
    );
  },
);

test("bytes of nothing at all", () => {
  const chunk = fc.record({ way: fc.boolean(), bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }) });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 8 }), fc.constantFrom("tcp", "udp"), (chunks, protocol) => {
      const steps = chunks.map(({ way, bytes }, index) => ({
        at: index,
        [way ? "out" : "in"]: Buffer.from(bytes),
      }));
      observe(steps, { ...clientSocket, protocol });
    }),
    { numRuns: 500 },
  );
});

function socketOf(conversation: unknown): typeof clientSocket {
  return conversation === conversations["dns"] ? { ...clientSocket, protocol: "udp" } : clientSocket;
}
