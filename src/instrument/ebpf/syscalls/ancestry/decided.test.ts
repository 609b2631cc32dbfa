import { describe, expect, test } from "vitest";
import type { Chunk, Context } from "../../chunks/chunk.ts";
import { InOrder } from "../../chunks/in-order.ts";
import type { HttpRecord } from "../../spans/record.ts";
import { Exchanges } from "../exchanges.ts";
import { Ancestry } from "./ancestry.ts";

const head = { process: 7, thread: 8, descriptor: 5, gap: false, unsent: false, tail: Buffer.alloc(8) };
const context: Context = {
  traceId: Buffer.alloc(16, 1),
  spanId: Buffer.alloc(8, 2),
  parentId: Buffer.alloc(8, 3),
  sampled: false,
};

function chunk(at: number, direction: Chunk["direction"], text: string, more: Partial<Chunk> = {}): Chunk {
  const data = Buffer.from(text);
  const timeNs = BigInt(at);
  return { ...head, timeNs, beganNs: timeNs, endedNs: timeNs, direction, data, size: data.length, ...more };
}

/** The records of what happened, in the order in which the kernel told of it. */
function recordsOf(chunks: readonly Chunk[], ancestry = new Ancestry()): readonly HttpRecord[] {
  const records: HttpRecord[] = [];
  const exchanges = new Exchanges((record) => records.push(record), ancestry);
  const inOrder = new InOrder();
  for (const each of chunks) inOrder.add(each);
  for (const each of inOrder.upTo(1000n)) exchanges.take(each);
  return records;
}

const request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const answer = "HTTP/1.1 204 No Content\r\n\r\n";

describe("ids that the kernel has decided", () => {
  test.each(["in", "out"] as const)(
    "are those of the request with whose chunk they come (%s)",
    (direction) => {
      const back = direction === "in" ? "out" : "in";
      const [record] = recordsOf([
        chunk(1, direction, request),
        chunk(1, "context", "", { context }),
        chunk(2, back, answer),
      ]);
      expect(record).toMatchObject(context);
    },
  );

  const others: readonly (readonly [what: string, more: Partial<Chunk>])[] = [
    ["another time", { timeNs: 0n }],
    ["another thread", { thread: 9 }],
    ["another connection", { descriptor: 6 }],
  ];
  test.each(others)("are not those of a request of %s", (_, more) => {
    const decided = chunk(1, "context", "", { context, ...more });
    const [record] = recordsOf([decided, chunk(1, "in", request), chunk(2, "out", answer)]);
    expect(record?.traceId).not.toEqual(context.traceId);
    expect(record?.sampled).toBe(true);
  });

  test("stand above the request that the thread answers, and above the header", () => {
    const ancestry = new Ancestry();
    ancestry.serve(8, { traceId: Buffer.alloc(16, 9), spanId: Buffer.alloc(8, 9), sampled: true });
    const said = request.replace("host", `traceparent: 00-${"a".repeat(32)}-${"b".repeat(16)}-01\r\nhost`);
    const [record] = recordsOf(
      [chunk(1, "context", "", { context }), chunk(1, "out", said), chunk(2, "in", answer)],
      ancestry,
    );
    expect(record).toMatchObject(context);
  });

  test("are those of the requests that the thread sends then", () => {
    const sent = chunk(2, "out", request, { descriptor: 6 });
    const got = chunk(3, "in", answer, { descriptor: 6 });
    const all = [
      chunk(1, "context", "", { context }),
      chunk(1, "in", request),
      sent,
      got,
      chunk(4, "out", answer),
    ];
    const [client] = recordsOf(all);
    expect(client).toMatchObject({ kind: "http-client", traceId: context.traceId, parentId: context.spanId });
  });
});
