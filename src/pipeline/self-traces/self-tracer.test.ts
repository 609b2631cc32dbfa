import { expect, it } from "vitest";
import { createManualClock } from "../../../test/fakes/manual-clock.ts";
import { OtelierError } from "../../base/error.ts";
import { seededRandom } from "../../base/random.ts";
import { inSpan } from "../../telemetry/work-span.ts";
import { tracesToOtlp } from "./otlp-traces.ts";
import { SelfTracer } from "./self-tracer.ts";

function rig(maxWaiting = 100) {
  const clock = createManualClock(1_790_000_000_000);
  return { clock, tracer: new SelfTracer({ clock, random: seededRandom(1), intervalMs: 500, maxWaiting }) };
}

it("samples each kind of request by time, however many come", async () => {
  const { clock, tracer } = rig();
  const sampled: string[] = [];
  for (let ms = 0; ms < 1000; ms += 100) {
    for (const name of ["receive traces", "receive logs"]) {
      if (tracer.start(name, {}) !== undefined) sampled.push(`${name} ${ms}`);
    }
    await clock.advance(100);
  }
  expect(sampled).toEqual(["receive traces 0", "receive logs 0", "receive traces 500", "receive logs 500"]);
});

it("gives steps with their times, parents and failures, once", async () => {
  const { clock, tracer } = rig();
  const root = tracer.start("receive traces", { "otelier.items": 7 });
  await clock.advance(3);
  const refused = new OtelierError("the disk is full", { code: "disk-full", outcome: "retryable" });
  await expect(inSpan(root, "write segment", () => Promise.reject(refused))).rejects.toBe(refused);
  root?.end(refused);
  root?.end();
  await clock.advance(2);
  // An insert comes after the answer.
  const insert = root?.child("insert otel_traces", { "otelier.segment.rows": 7 });
  await clock.advance(5);
  insert?.end();
  const ended = tracer.take();
  expect(tracer.take()).toEqual([]);
  const spans = tracesToOtlp(ended, {
    resource: { "service.name": "otelier" },
    scopeName: "s",
    scopeVersion: "1",
  })
    .resourceSpans.at(0)
    ?.scopeSpans.at(0)?.spans;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const start = 1_790_000_000_000_000_000n;
  const rootId = hex(
    [...(spans ?? [])].find(({ name }) => name === "receive traces")?.spanId ?? new Uint8Array(0),
  );
  expect(
    [...(spans ?? [])].map((span) => ({
      name: span.name,
      kind: span.kind,
      parent: hex(span.parentSpanId),
      times: [span.startTimeUnixNano - start, span.endTimeUnixNano - start],
      status: [span.status.code, span.status.message],
      error: span.attributes.get("error.type"),
    })),
  ).toEqual([
    {
      name: "write segment",
      kind: 1,
      parent: rootId,
      times: [3_000_000n, 3_000_000n],
      status: [2, "the disk is full"],
      error: "disk-full",
    },
    {
      name: "receive traces",
      kind: 2,
      parent: "",
      times: [0n, 3_000_000n],
      status: [2, "the disk is full"],
      error: "disk-full",
    },
    {
      name: "insert otel_traces",
      kind: 1,
      parent: rootId,
      times: [5_000_000n, 10_000_000n],
      status: [0, ""],
      error: undefined,
    },
  ]);
  expect(new Set(ended.map(({ traceId }) => hex(traceId))).size).toBe(1);
});

it("keeps no more than its bound and counts the rest", () => {
  const { tracer } = rig(3);
  const root = tracer.start("receive logs", {});
  for (let step = 0; step < 5; step++) root?.child("step").end();
  expect(tracer.take()).toHaveLength(3);
  expect(tracer.dropped).toBe(2);
});
