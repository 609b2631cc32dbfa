import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateLogs, generateMetrics, generateTraces } from "../../bench/corpus.ts";
import { OtelierError } from "../base/error.ts";
import { Batch, internalContext, type BatchContext } from "./batch.ts";
import { signals, type Signal } from "./signal.ts";
import { messageBytes } from "./testdata/arbitrary-message.ts";
import { decodePlain, type Plain } from "./testdata/plain.ts";
import { ResourceSpans, ScopeSpans, Span, TracesData } from "./tree/traces.ts";
import { rootSpecs } from "./wire/schema.ts";
import { validateWire } from "./wire/validate.ts";

const startUnixNano = 1_760_000_000_000_000_000n;
const context: BatchContext = { tenant: "a", peer: "127.0.0.1:5", protocol: "grpc", receivedUnixMs: 7 };

const corpus: Readonly<Record<Signal, readonly Uint8Array[]>> = {
  traces: generateTraces({ seed: 3, spans: 400, spansPerRequest: 60, startUnixNano }),
  metrics: generateMetrics({ seed: 3, exports: 2, startUnixNano }),
  logs: generateLogs({ seed: 3, records: 300, recordsPerRequest: 50, startUnixNano }),
};

function tracesOf(...names: readonly string[]): Batch {
  const tree = new TracesData();
  const resource = tree.resourceSpans.push(new ResourceSpans());
  resource.resource.attributes.set("service.name", "shop");
  const scope = resource.scopeSpans.push(new ScopeSpans());
  for (const name of names) scope.spans.push(Object.assign(new Span(), { name }));
  return Batch.fromTree("traces", tree, context);
}

function spanNames(batch: Batch): string[] {
  return Array.from(batch.traces().resourceSpans).flatMap((resource) =>
    Array.from(resource.scopeSpans).flatMap((scope) => Array.from(scope.spans, (span) => span.name)),
  );
}

/** Every item of a batch with its resource and scope, in order: what splitting must keep. */
function items(signal: Signal, bytes: Uint8Array): string[] {
  const paths = {
    traces: ["resourceSpans", "scopeSpans", "spans"],
    logs: ["resourceLogs", "scopeLogs", "logRecords"],
    metrics: ["resourceMetrics", "scopeMetrics", "metrics", "*", "dataPoints"],
  }[signal];
  const print = (value: unknown): string =>
    JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? `${one}n` : one));
  const walk = (plain: Plain, level: number, above: string): string[] => {
    const name = paths[level];
    if (name === undefined) return [above + print(plain)];
    const keys = name === "*" ? ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] : [name];
    const rest = Object.fromEntries(Object.entries(plain).filter(([key]) => !keys.includes(key)));
    return keys.flatMap((key) => {
      const child = plain[key];
      const list = child === undefined ? [] : Array.isArray(child) ? (child as Plain[]) : [child as Plain];
      return list.flatMap((one) => walk(one, level + 1, `${above}${print(rest)}/${key}/`));
    });
  };
  return walk(decodePlain(rootSpecs[signal], bytes), 0, "");
}

describe("Batch", () => {
  it("keeps the received bytes without a copy", () => {
    const bytes = corpus.traces[0]!;
    const batch = Batch.fromBytes("traces", bytes, context);
    expect(batch.bytes).toBe(bytes);
    expect(batch.chunks).toStrictEqual([bytes]);
    expect(batch.sizeBytes).toBe(bytes.length);
    expect(batch.clone().bytes).toBe(bytes);
    expect(batch.context).toBe(context);
  });

  it("encodes again after each change of the tree, and counts anew", () => {
    const batch = tracesOf("a", "b");
    expect(batch.itemCount).toBe(2);
    const spans = batch.traces().resourceSpans.at(0)!.scopeSpans.at(0)!.spans;
    spans.push(Object.assign(new Span(), { name: "c" }));
    expect(batch.itemCount).toBe(3);
    spans.at(2)!.name = "d";
    expect(spanNames(Batch.fromBytes("traces", batch.bytes, context))).toStrictEqual(["a", "b", "d"]);
    expect(spans.removeWhere((span) => span.name !== "b")).toBe(2);
    expect(batch.itemCount).toBe(1);
    expect(spanNames(batch.clone())).toStrictEqual(["b"]);
  });

  it("gives clones that do not see each other's changes", () => {
    const batch = tracesOf("a");
    const clone = batch.clone();
    clone.traces().resourceSpans.at(0)!.scopeSpans.at(0)!.spans.at(0)!.name = "changed";
    expect(spanNames(batch)).toStrictEqual(["a"]);
    expect(spanNames(clone)).toStrictEqual(["changed"]);
  });

  it("concatenates by merging, with the first one's context", () => {
    const joined = Batch.concat([
      tracesOf("a"),
      Batch.fromBytes("traces", tracesOf("b", "c").bytes, internalContext),
    ]);
    expect(spanNames(joined)).toStrictEqual(["a", "b", "c"]);
    expect(joined.itemCount).toBe(3);
    expect(joined.context).toBe(context);
    expect(() => Batch.concat([])).toThrow(RangeError);
    expect(() => Batch.concat([tracesOf("a"), Batch.fromBytes("logs", new Uint8Array(0), context)])).toThrow(
      TypeError,
    );
  });

  it("never joins tenants", () => {
    const others = Batch.fromBytes("traces", tracesOf("b").bytes, { ...context, tenant: "other" });
    expect(() => Batch.concat([tracesOf("a"), others])).toThrow("of different tenants");
  });

  it("knows what is valid through cloning, joining and splitting, and never calls malformed bytes so", () => {
    const bytes = corpus.traces[0]!;
    const batch = Batch.fromBytes("traces", bytes, context);
    expect(batch.check()).toStrictEqual({ ok: true, items: 40 });
    const joined = Batch.concat([batch, batch.clone()]);
    expect(joined.check()).toStrictEqual({ ok: true, items: 80 });
    expect(joined.split(30).map((part) => part.check())).toStrictEqual(
      [30, 30, 20].map((items) => ({ ok: true, items })),
    );
    const bad = Batch.fromBytes("traces", Uint8Array.of(10, 9), context);
    expect(bad.check().ok).toBe(false);
    expect(Batch.concat([batch, bad]).check().ok).toBe(false);
    expect(tracesOf("a").check()).toStrictEqual({ ok: true, items: 1 });
  });

  it("refuses malformed bytes and the wrong signal with a permanent error, and counts what it can", () => {
    const good = corpus.traces[0]!;
    const cut = Batch.fromBytes("traces", good.subarray(0, good.length - 10), context);
    expect(cut.itemCount).toBeGreaterThanOrEqual(0);
    const failures = [(): unknown => cut.traces(), (): unknown => tracesOf("a").logs()];
    for (const fail of failures) {
      try {
        fail();
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(OtelierError);
        expect(error).toMatchObject({ code: "malformed-otlp", outcome: "permanent" });
      }
    }
    expect(() => cut.traces()).toThrow("cannot decode traces: field is cut off at byte 0");
  });
});

describe.each(signals)("splitting %s", (signal) => {
  it.each([1, 2, 7, 60, 100_000])(
    "the corpus by %d keeps every item with its resource and scope",
    (maxItems) => {
      const all = Batch.concat(corpus[signal].map((bytes) => Batch.fromBytes(signal, bytes, context)));
      const pieces = all.split(maxItems);
      expect(pieces.flatMap((piece) => items(signal, piece.bytes))).toStrictEqual(items(signal, all.bytes));
      for (const piece of pieces) {
        expect(piece.itemCount).toBeLessThanOrEqual(maxItems);
        expect(validateWire(signal, piece.bytes)).toStrictEqual({ ok: true, items: piece.itemCount });
        expect(piece.context).toBe(context);
      }
      // All but the last are full.
      for (const piece of pieces.slice(0, -1)) expect(piece.itemCount).toBe(maxItems);
    },
  );

  it("any message by any size is valid, and as many items as before", () => {
    fc.assert(
      fc.property(messageBytes(rootSpecs[signal]), fc.integer({ min: 1, max: 5 }), (bytes, maxItems) => {
        const batch = Batch.fromBytes(signal, bytes, context);
        const pieces = batch.split(maxItems);
        let count = 0;
        for (const piece of pieces) {
          const check = validateWire(signal, piece.bytes);
          expect(check).toStrictEqual({ ok: true, items: piece.itemCount });
          expect(piece.itemCount).toBeLessThanOrEqual(maxItems);
          count += piece.itemCount;
        }
        expect(count).toBe(batch.itemCount);
      }),
      { numRuns: 500 },
    );
  });
});
