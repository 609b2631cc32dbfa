import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Flag, frame, FrameType } from "../../../src/base/net/http2/protocol.ts";
import type { Chunk } from "../../../src/instrument/ebpf/chunks/chunk.ts";
import { readObject } from "../../../src/instrument/ebpf/object-file.ts";
import { Ancestry } from "../../../src/instrument/ebpf/syscalls/ancestry/ancestry.ts";
import { Connections } from "../../../src/instrument/ebpf/syscalls/connections.ts";
import { startSentContext } from "../../../src/instrument/ebpf/sent-context.ts";
import { SyscallTracer } from "../../../src/instrument/ebpf/syscalls/syscall-tracer.ts";
import {
  clientBegin,
  content,
  headers,
  serverBegin,
} from "../../../src/instrument/ebpf/syscalls/testdata/http2-bytes.ts";
import type { SpanRecord } from "../../../src/instrument/ebpf/spans/record.ts";
import { until } from "../until.ts";
import { fixture, firstLine } from "./observer.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("HTTP/2 whose content is left out in the kernel");

const asked = { ":method": "POST", ":scheme": "http", ":authority": "shop:80" };
const padding = 40;
const padded = frame(
  FrameType.data,
  Flag.padded,
  3,
  Buffer.concat([Buffer.from([padding]), Buffer.alloc(400)]),
);
/** Content that is short enough to be sent, content that is not, and some with padding; a head behind each. */
const sent = Buffer.concat([
  clientBegin,
  headers(1, { ...asked, ":path": "/first" }),
  content(1, 300),
  content(1, 20),
  content(1, 0),
  headers(3, { ...asked, ":path": "/second" }),
  padded,
  content(3, 500, true),
  content(1, 280, true),
]);
/** Of the 500 bytes. */
const contentAt = sent.length - 500 - content(1, 280).length;
const answered = Buffer.concat([
  headers(3, { ":status": 404 }),
  content(3, 600, true),
  headers(1, { ":status": 200 }),
  content(1, 257),
  headers(1, { "x-checksum": "1" }, true),
]);
const sizes = { "/first": "600/257", "/second": `${900 - padding}/600` };

describe.skipIf(refused !== undefined)(
  "calls that are cut at every byte, as the kernel tells of them",
  () => {
    let program: Started;
    let tracer: SyscallTracer;
    const chunks: Chunk[] = [];

    beforeAll(async () => {
      program = start("python3", [fixture("calls.py")], {});
      const lines = [sent, serverBegin, answered].map((each) => each.toString("hex"));
      program.write(`${lines.join("\n")}\n${contentAt} ${contentAt + 500}\n`);
      await firstLine(program);
      tracer = new SyscallTracer(readObject("syscalls"), (object) =>
        startSentContext(readObject("context"), object),
      );
      tracer.observe(program.pid, { propagates: true, keeps: true, steady: true });
      program.write("go\n");
      const drain = (): boolean => {
        while (tracer.drain((chunk) => chunks.push(chunk)));
        return program.stdout().includes("done");
      };
      await until(drain);
      drain();
      expect(tracer.newlyLost()).toBe(0);
    });
    afterAll(async () => {
      await program.end("SIGKILL");
    });

    test("what is sent of them are the bytes at their places, and content alone is missing", () => {
      const halves = halvesOf(chunks);
      const whole = [sent, Buffer.concat([serverBegin, answered])];
      const connections = sent.length - 4;
      // Both ends of each connection, and of two that move bytes in one direction.
      expect(halves.length).toBe(4 * connections + 4);
      let leftOut = 0;
      for (const half of halves.slice(0, -2)) {
        const bytes = whole.find(({ length }) => length === half.size);
        expect(bytes).toBeDefined();
        const isContent = contentOf(bytes!);
        for (const { at, data, missing } of half.parts) {
          if (!data.equals(bytes!.subarray(at, at + data.length))) expect.fail(`other bytes at ${at}`);
          const end = at + data.length + missing;
          if (isContent.slice(at + data.length, end).includes(false))
            expect.fail(`not sent: ${at} to ${end}`);
          leftOut += missing;
        }
      }
      // Most of it: what is cut in two may be short enough to be sent.
      expect(leftOut).toBeGreaterThan(0.6 * connections * 2 * (300 + 500 + 280 + 600 + 257));
    });

    test("frames that are too many for one call are sent as they are", () => {
      const out = halvesOf(chunks)
        .slice(-2)
        .find(({ direction }) => direction === "out");
      // What is left out stands before them.
      expect(out?.parts.reduce((sum, { missing }) => sum + missing, 0)).toBe(300 + 500 + 280);
    });

    test("what is waited for comes before it is read, and what is sent leaves after it is written", () => {
      const opened = chunks.flatMap(({ socket }, index) => (socket?.family === "ip" ? [index] : []));
      const own = chunks.slice(opened.at(-4), opened.at(-2));
      const went = own.find(({ direction }) => direction === "out")!;
      const came = own.find(({ direction }) => direction === "in")!;
      const times = [went.timeNs, went.endedNs, came.beganNs, came.timeNs];
      expect(times.toSorted((a, b) => Number(a - b))).toEqual(times);
      expect(new Set(times).size).toBe(4);
    });

    test("the spans are those of uncut connections with all their content", () => {
      const counts: Record<string, number> = {};
      for (const line of recordsOf(chunks).map(printed)) counts[line] = (counts[line] ?? 0) + 1;
      const connections = sent.length - 4;
      const expected = ["http-client", "http-server"].flatMap((kind) => [
        [`${kind} /first 200 ${sizes["/first"]}`, connections],
        [`${kind} /second 404 ${sizes["/second"]}`, connections],
      ]);
      // The requests of the last connection get no answer.
      expect(counts).toMatchObject(Object.fromEntries(expected));
      const failed = Object.keys(counts).filter((line) => line.endsWith("failed"));
      expect(Object.keys(counts).length).toBe(expected.length + failed.length);
    });
  },
);

interface Half {
  readonly direction: "in" | "out";
  readonly parts: { readonly at: number; readonly data: Buffer; readonly missing: number }[];
  size: number;
}

/** What each direction of each end of each connection moved, in the order of their ends. */
function halvesOf(chunks: readonly Chunk[]): readonly Half[] {
  const open = new Map<number, Map<"in" | "out", Half>>();
  const halves: Half[] = [];
  for (const { descriptor, direction, data, size, gap } of chunks) {
    expect(gap).toBe(false);
    if (direction === "open") open.set(descriptor, new Map());
    if (direction === "close") {
      halves.push(...(open.get(descriptor)?.values() ?? []));
      open.delete(descriptor);
    }
    if (direction !== "in" && direction !== "out") continue;
    const own = open.get(descriptor);
    if (own === undefined) continue;
    const half = own.get(direction) ?? { direction, parts: [], size: 0 };
    own.set(direction, half);
    half.parts.push({ at: half.size, data, missing: size - data.length });
    half.size += size;
  }
  return halves;
}

/** Whether each byte is content of a frame without padding. */
function contentOf(bytes: Buffer): readonly boolean[] {
  const isContent = Array.from({ length: bytes.length }, () => false);
  for (let at = bytes.subarray(0, 3).equals(Buffer.from("PRI")) ? 24 : 0; at < bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    const isPadded = (bytes[at + 4]! & Flag.padded) !== 0;
    if (bytes[at + 3] === FrameType.data && !isPadded) isContent.fill(true, at + 9, end);
    at = end;
  }
  return isContent;
}

function recordsOf(chunks: readonly Chunk[]): readonly SpanRecord[] {
  const records: SpanRecord[] = [];
  const connections = new Connections({
    ancestry: new Ancestry(),
    emit: (record) => records.push(record),
    decide: () => undefined,
    cannotFollow: (_, why) => expect.fail(why),
  });
  for (const chunk of chunks) connections.take(chunk);
  return records;
}

function printed(record: SpanRecord): string {
  if (record.kind !== "http-client" && record.kind !== "http-server") return record.kind;
  const { kind, path, status, requestBytes, responseBytes, failed } = record;
  return `${kind} ${path} ${status} ${requestBytes}/${responseBytes}${failed ? " failed" : ""}`;
}
