import type { RuntimeLayout } from "../go/runtime-layout.ts";

/** Bytes of the objects of each size class of the allocator (runtime/sizeclasses.go, the same from Go 1.19 to 1.26); the first stands for large ones, which are counted apart. */
const classBytes: readonly number[] = [
  0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416,
  448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200,
  3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384,
  18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
];
const deltas = 3;

export interface HeapStatistics {
  /** Reserved for stacks of goroutines. */
  readonly stackBytes: bigint;
  /** All else that the runtime has from the system and has not given back. */
  readonly otherBytes: bigint;
  /** Of objects on the heap, ever. */
  readonly allocatedBytes: bigint;
  readonly allocations: bigint;
}

/** Bytes of runtime.memstats that `heapStatistics` wants. */
export function statisticsBytes(layout: RuntimeLayout): number {
  return layout["runtime.mstats.other_sys"] + 8;
}

/**
 * What runtime/metrics says of memory (heapStatsAggregate, sysStatsAggregate), of runtime.memstats read twice, one read after the other. The runtime sums up in three
 * places: all write to the one that `gen` says, a reader adds the one before to the one before that and clears it. So nothing was under way when the place behind
 * the one that is written to is clear and the third did not change between the reads; else undefined, and reading again helps.
 */
export function heapStatistics(
  first: Buffer,
  second: Buffer,
  layout: RuntimeLayout,
): HeapStatistics | undefined {
  const size = layout["sizeof runtime.heapStatsDelta"];
  const genAt = layout["runtime.consistentHeapStats.gen"];
  const gen = second.readUInt32LE(genAt);
  if (gen >= deltas || first.readUInt32LE(genAt) !== gen) return undefined;
  const place = (all: Buffer, index: number): Buffer => {
    const start = layout["runtime.consistentHeapStats.stats"] + (index % deltas) * size;
    return all.subarray(start, start + size);
  };
  const isClear = place(second, gen + 1).equals(Buffer.alloc(size));
  if (!isClear || !place(first, gen + 2).equals(place(second, gen + 2))) return undefined;

  const counted = [place(second, gen), place(second, gen + 2)];
  const sum = (at: number): bigint =>
    counted.reduce((total, delta) => BigInt.asIntN(64, total + delta.readBigInt64LE(at)), 0n);
  let allocatedBytes = sum(layout["runtime.heapStatsDelta.largeAlloc"]);
  let allocations = sum(layout["runtime.heapStatsDelta.largeAllocCount"]);
  classBytes.forEach((bytes, index) => {
    const count = sum(layout["runtime.heapStatsDelta.smallAllocCount"] + index * 8);
    allocations += count;
    allocatedBytes += count * BigInt(bytes);
  });
  let usedBytes = sum(layout["runtime.heapStatsDelta.committed"]);
  for (const system of [
    "stacks_sys",
    "mspan_sys",
    "mcache_sys",
    "buckhash_sys",
    "gcMiscSys",
    "other_sys",
  ] as const)
    usedBytes += second.readBigUInt64LE(layout[`runtime.mstats.${system}`]);
  const stackBytes = sum(layout["runtime.heapStatsDelta.inStacks"]);
  // Objects are counted when a processor has used up what it got for them at once, so there may be none.
  const isPlausible = stackBytes > 0n && usedBytes > stackBytes && allocations >= 0n && allocatedBytes >= 0n;
  return isPlausible
    ? { stackBytes, otherBytes: usedBytes - stackBytes, allocatedBytes, allocations }
    : undefined;
}
