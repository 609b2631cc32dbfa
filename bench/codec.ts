import { Batch, internalContext } from "../src/telemetry/batch.ts";
import { otlpJsonToBytes } from "../src/telemetry/json/parse.ts";
import { bytesToOtlpJson } from "../src/telemetry/json/print.ts";
import type { Signal } from "../src/telemetry/signal.ts";
import type { Span, TracesData } from "../src/telemetry/tree/traces.ts";
import { countItems } from "../src/telemetry/wire/count-items.ts";
import { validateWire } from "../src/telemetry/wire/validate.ts";
import { generateLogs, generateMetrics, generateTraces } from "./corpus.ts";
import { rate, type Figure, type Subject } from "./figure.ts";

const startUnixNano = 1_760_000_000_000_000_000n;

/** The wire codec on one core, on about 10 MB of each signal. */
export const codec: Subject = {
  about: "wire codec, items a second on one core",
  run: async () => {
    const traces = generateTraces({ seed: 1, spans: 20_000, spansPerRequest: 500, startUnixNano });
    const logs = generateLogs({ seed: 1, records: 20_000, recordsPerRequest: 500, startUnixNano });
    const metrics = generateMetrics({ seed: 1, exports: 20, startUnixNano });
    return Promise.resolve([
      ...readFigures("traces", "spans", traces),
      ...readFigures("logs", "records", logs),
      ...readFigures("metrics", "points", metrics),
      ...treeFigures(traces),
    ]);
  },
};

function readFigures(signal: Signal, what: string, requests: readonly Uint8Array[]): Figure[] {
  let amount = 0;
  for (const bytes of requests) amount += countItems(signal, bytes);
  const texts = requests.map((bytes) => new TextEncoder().encode(bytesToOtlpJson(signal, bytes)));
  const unit = `${what}/s`;
  const validate = (): void => {
    for (const bytes of requests) {
      if (!validateWire(signal, bytes).ok) throw new Error("the corpus must be valid");
    }
  };
  const parse = (): void => {
    for (const text of texts) {
      if (!otlpJsonToBytes(signal, text).ok) throw new Error("printed JSON must be valid");
    }
  };
  const size = requests.reduce((sum, bytes) => sum + bytes.length, 0);
  return [
    { name: `${signal}: size`, value: Number((size / amount).toFixed(1)), unit: `bytes/${what}` },
    rate({ name: `${signal}: validate`, unit, amount, work: validate }),
    rate({
      name: `${signal}: count`,
      unit,
      amount,
      work: () => requests.forEach((bytes) => countItems(signal, bytes)),
    }),
    rate({ name: `${signal}: from JSON`, unit, amount, work: parse }),
    rate({
      name: `${signal}: to JSON`,
      unit,
      amount,
      work: () => requests.forEach((bytes) => bytesToOtlpJson(signal, bytes)),
    }),
  ];
}

function treeFigures(requests: readonly Uint8Array[]): Figure[] {
  const batches = requests.map((bytes) => Batch.fromBytes("traces", bytes, internalContext));
  let amount = 0;
  for (const batch of batches) amount += batch.itemCount;
  const figure = (name: string, work: () => void): Figure =>
    rate({ name: `tree: ${name}`, unit: "spans/s", amount, work });
  const eachSpan = (use: (span: Span) => void): void => {
    for (const batch of batches) walkSpans(batch.clone().traces(), use);
  };
  return [
    figure("read name and status", () => {
      let errors = 0;
      eachSpan((span) => {
        if (span.name === "" || span.status.code === 2) errors++;
      });
      if (errors === 0) throw new Error("the corpus has failed spans");
    }),
    figure("read one attribute", () => {
      let found = 0;
      eachSpan((span) => {
        if (span.attributes.get("http.route") !== undefined) found++;
      });
      if (found === 0) throw new Error("the corpus has routes");
    }),
    figure("set an attribute and encode", () => {
      for (const batch of batches) {
        const copy = batch.clone();
        walkSpans(copy.traces(), (span) => span.attributes.set("server.port", 1n));
        if (copy.sizeBytes === 0) throw new Error("nothing was encoded");
      }
    }),
    figure("remove half and encode", () => {
      for (const batch of batches) {
        const copy = batch.clone();
        let index = 0;
        for (const resource of copy.traces().resourceSpans) {
          for (const scope of resource.scopeSpans) scope.spans.removeWhere(() => index++ % 2 === 0);
        }
        if (copy.sizeBytes >= batch.sizeBytes) throw new Error("nothing was removed");
      }
    }),
    figure("concatenate all, split by 512", () => {
      const all = Batch.concat(batches);
      if (all.split(512).length < amount / 512) throw new Error("too few pieces");
    }),
  ];
}

function walkSpans(traces: TracesData, use: (span: Span) => void): void {
  for (const resource of traces.resourceSpans) {
    for (const scope of resource.scopeSpans) {
      for (const span of scope.spans) use(span);
    }
  }
}
