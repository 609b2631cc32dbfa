/**
 * What becomes of the bytes of requests in one thread, without network, disk and engine: checked, made to columns, and these to pieces with a checksum.
 * CPU time of the process, garbage collection and compilation included; the first rounds are not counted.
 */
import { crc32 } from "../src/base/durable/checksum.ts";
import {
  resetBlocks,
  rowsOf,
  sizeOf,
  type BlockSet,
} from "../src/storage/clickhouse/writer/commit/blocks.ts";
import { defaultMaxSeries } from "../src/storage/clickhouse/writer/transcode/known-series.ts";
import { LogTranscoder } from "../src/storage/clickhouse/writer/transcode/log-transcoder.ts";
import { MetricTranscoder } from "../src/storage/clickhouse/writer/transcode/metric-transcoder.ts";
import { SpanTranscoder } from "../src/storage/clickhouse/writer/transcode/span-transcoder.ts";
import type { Transcoder } from "../src/storage/clickhouse/writer/transcode/transcoder.ts";
import type { Signal } from "../src/telemetry/signal.ts";
import { validateWire } from "../src/telemetry/wire/validate.ts";
import { generateLogs, generateMetrics, generateTraces } from "./corpus.ts";
import { summaryOf, type Figure, type Subject } from "./figure.ts";

const startUnixNano = 1_760_000_000_000_000_000n;
const rounds = 5;
const warmUpRounds = 3;
/** As the writer commits under load. */
const blockRows = 50_000;
const blockBytes: number = 32 * 1024 * 1024;

export const transcode: Subject = {
  about: "Export requests -> checked -> columns -> pieces with a checksum, CPU-seconds a million items",
  run: () =>
    Promise.resolve([
      ...measure(
        "traces",
        "spans",
        generateTraces({ seed: 1, spans: 200_000, spansPerRequest: 1000, startUnixNano }),
        new SpanTranscoder(),
      ),
      ...measure(
        "metrics",
        "data points",
        generateMetrics({ seed: 1, exports: 2_500, startUnixNano }),
        new MetricTranscoder(defaultMaxSeries),
      ),
      ...measure(
        "logs",
        "log records",
        generateLogs({ seed: 1, records: 200_000, recordsPerRequest: 1000, startUnixNano }),
        new LogTranscoder(),
      ),
    ]),
};

function measure<B extends BlockSet>(
  signal: Signal,
  noun: string,
  requests: readonly Uint8Array[],
  transcoder: Transcoder<B>,
): readonly Figure[] {
  // Other memory than what is being written to, as segments on their way to the disk.
  const sets = [transcoder.createBlocks(), transcoder.createBlocks()] as const;
  let filled = 0;
  let bytes = 0;
  let checksum = 0;
  const cut = (): void => {
    const blocks = sets[filled % 2]!;
    for (const { block } of blocks.tables) {
      if (block.rows === 0) continue;
      const pieces = block.chunks();
      checksum = crc32(pieces);
      for (const piece of pieces) bytes += piece.length;
    }
    resetBlocks(blocks);
    filled++;
  };
  const source = {
    get blocks(): B {
      return sets[filled % 2]!;
    },
    get sizeBytes(): number {
      return sizeOf(sets[filled % 2]!);
    },
    cut,
  };
  let items = 0;
  const checkAll = (): void => {
    items = 0;
    for (const request of requests) {
      const check = validateWire(signal, request);
      if (!check.ok) throw new Error("the corpus must be valid");
      items += check.items;
    }
  };
  const writeAll = (): void => {
    bytes = 0;
    for (const request of requests) {
      transcoder.transcode(request, { tenant: "", arrivedMs: 1_760_000_000_000 }, source);
      if (rowsOf(source.blocks) >= blockRows || sizeOf(source.blocks) >= blockBytes) cut();
    }
    cut();
  };
  const checks: number[] = [];
  const writes: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    const check = cpuSecondsOf(checkAll);
    const write = cpuSecondsOf(writeAll);
    if (round < 0) continue;
    checks.push((check * 1e6) / items);
    writes.push((write * 1e6) / items);
  }
  if (checksum === 0 || bytes === 0) throw new Error("nothing was written");
  const unit = "CPU-seconds a million";
  return [
    { name: `${noun}: check`, unit, ...summaryOf(checks) },
    { name: `${noun}: columns and checksum`, unit, ...summaryOf(writes) },
    { name: `${noun}: size of a row`, unit: "bytes", value: Math.round(bytes / items) },
  ];
}

function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
