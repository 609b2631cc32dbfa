/**
 * What is fed with damaged input. A target makes an input from randomness (from the structure of its format, then damaged) and takes it; it throws when
 * something happened that must not: an error of another kind than the documented ones, or results that contradict each other.
 */
import { deflateSync, gzipSync } from "node:zlib";
import { seededRandom, type Random } from "../../src/base/random.ts";
import { OtelierError } from "../../src/base/error.ts";
import { decompress } from "../../src/base/net/compression.ts";
import { frame, splitFrames, unaryFrame } from "../../src/base/net/grpc-frame.ts";
import { GrpcError } from "../../src/base/net/grpc-status.ts";
import type { BlockSet } from "../../src/storage/clickhouse/writer/commit/blocks.ts";
import { defaultMaxSeries } from "../../src/storage/clickhouse/writer/transcode/known-series.ts";
import { LogTranscoder } from "../../src/storage/clickhouse/writer/transcode/log-transcoder.ts";
import { MetricTranscoder } from "../../src/storage/clickhouse/writer/transcode/metric-transcoder.ts";
import { SpanTranscoder } from "../../src/storage/clickhouse/writer/transcode/span-transcoder.ts";
import type { Transcoder } from "../../src/storage/clickhouse/writer/transcode/transcoder.ts";
import { Batch, internalContext } from "../../src/telemetry/batch.ts";
import { otlpJsonToBytes } from "../../src/telemetry/json/parse.ts";
import { bytesToOtlpJson } from "../../src/telemetry/json/print.ts";
import { signals, type Signal } from "../../src/telemetry/signal.ts";
import { validMessage } from "../../src/telemetry/testdata/arbitrary-message.ts";
import { countItems } from "../../src/telemetry/wire/count-items.ts";
import { rootSpecs } from "../../src/telemetry/wire/schema.ts";
import { validateWire } from "../../src/telemetry/wire/validate.ts";
import { below, mutate } from "./mutate.ts";

export interface Target {
  readonly name: string;
  /** Inputs that may be on their way at the same time; 1 when absent. */
  readonly atOnce?: number;
  /** Of the inputs of a run it takes this many times as many as others; 1 when absent. */
  readonly weight?: number;
  /** The same randomness makes the same input. */
  make(random: Random): Buffer;
  take(input: Buffer): Promise<void> | void;
  close?(): Promise<void>;
}

const maxInflatedBytes: number = 1024 * 1024;

function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Making a message costs far more than taking it, so most inputs begin with one of these, the others with a new one. */
const pooled = 512;
const freshShare = 1 / 32;

/** Messages of a kind; which one, and so the input, follows from the randomness alone. */
function messagePool(make: (random: Random) => Uint8Array): (random: Random) => Uint8Array {
  const pool: Uint8Array[] = [];
  return (random) => {
    if (random.next() < freshShare) return make(random);
    const at = below(random, pooled);
    return (pool[at] ??= make(seededRandom(at)));
  };
}

const freshMessage =
  (signal: Signal) =>
  (random: Random): Uint8Array =>
    validMessage(rootSpecs[signal], random, 1 + below(random, 9));

function transcoderOf(signal: Signal): Transcoder<BlockSet> {
  switch (signal) {
    case "traces":
      return new SpanTranscoder();
    case "metrics":
      return new MetricTranscoder(defaultMaxSeries);
    case "logs":
      return new LogTranscoder();
  }
}

function wireTarget(signal: Signal): Target {
  const transcoder = transcoderOf(signal);
  const blocks = transcoder.createBlocks();
  const message = messagePool(freshMessage(signal));
  return {
    name: `protobuf of ${signal}`,
    make: (random) => mutate(message(random), message(random), random),
    take: (input) => {
      const check = validateWire(signal, input);
      if (!check.ok) {
        assert(check.offset <= input.length, "the place of the problem is behind the input");
        return;
      }
      assert(check.items === countItems(signal, input), "two counts of the items");
      const batch = Batch.fromBytes(signal, input, internalContext, check.items);
      if (signal === "traces") batch.traces();
      else if (signal === "metrics") batch.metrics();
      else batch.logs();
      bytesToOtlpJson(signal, input);
      const context = { tenant: "", arrivedMs: 0 };
      const done = transcoder.transcode(input, context, { blocks, sizeBytes: 0, cut: () => undefined });
      assert(done.accepted + done.rejected === check.items, "items that are neither stored nor refused");
      for (const { block } of blocks.tables) block.reset();
    },
  };
}

function jsonTarget(signal: Signal): Target {
  const message = freshMessage(signal);
  const text = messagePool((random) => Buffer.from(bytesToOtlpJson(signal, message(random))));
  return {
    name: `JSON of ${signal}`,
    make: (random) => mutate(text(random), text(random), random),
    take: (input) => {
      const parsed = otlpJsonToBytes(signal, input);
      if (parsed.ok) assert(validateWire(signal, parsed.bytes).ok, "JSON became protobuf that is invalid");
    },
  };
}

const frames: Target = {
  name: "gRPC frames",
  make: (random) => {
    const one = frame(random.bytes(below(random, 60)), below(random, 4));
    return mutate(Buffer.concat([one, frame(random.bytes(below(random, 60)))]), one, random);
  },
  take: (input) => {
    try {
      const all = splitFrames(input, 4096);
      const bytes = all.reduce((sum, { message: { length } }) => sum + length + 5, 0);
      assert(bytes === input.length, "frames that do not make up the body");
      unaryFrame(input, 4096);
    } catch (error) {
      if (!(error instanceof GrpcError)) throw error;
    }
  },
};

/** Snappy: length, then literals of up to 60 bytes. */
function snappyOf(bytes: Uint8Array): Buffer {
  const piece = Buffer.from(bytes.subarray(0, 60));
  return Buffer.concat([Buffer.from([piece.length, (piece.length - 1) << 2]), piece]);
}

/** Zstandard: magic, a header with the content's size, one raw block. */
function zstdOf(bytes: Uint8Array): Buffer {
  const piece = Buffer.from(bytes.subarray(0, 200));
  const size = (piece.length << 3) | 1;
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, piece.length, size & 255, (size >> 8) & 255, size >> 16]),
    piece,
  ]);
}

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  snappy: snappyOf,
  zstd: zstdOf,
};

function compressionTarget(encoding: string, encode: (bytes: Uint8Array) => Buffer): Target {
  return {
    name: encoding,
    atOnce: 16,
    make: (random) => {
      const content = Buffer.alloc(1 + below(random, 400), random.bytes(1 + below(random, 30)));
      const whole = encode(content);
      return mutate(whole, whole, random);
    },
    take: async (input) => {
      try {
        const output = await decompress(input, encoding, { maxBytes: maxInflatedBytes });
        assert(output.length <= maxInflatedBytes, "more came out than was allowed");
      } catch (error) {
        if (!(error instanceof OtelierError)) throw error;
      }
    },
  };
}

/** Targets without sockets. */
export const pureTargets: readonly Target[] = [
  ...signals.flatMap((signal) => [wireTarget(signal), jsonTarget(signal)]),
  frames,
  ...Object.entries(encoders).map(([encoding, encode]) => compressionTarget(encoding, encode)),
];
