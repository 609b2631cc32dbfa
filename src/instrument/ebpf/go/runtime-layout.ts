/** Where the runtime's variables have what is read of them. */
export type RuntimeField =
  | "sizeof runtime.heapStatsDelta"
  | "runtime.heapStatsDelta.committed"
  | "runtime.heapStatsDelta.inStacks"
  | "runtime.heapStatsDelta.largeAlloc"
  | "runtime.heapStatsDelta.largeAllocCount"
  | "runtime.heapStatsDelta.smallAllocCount"
  | "runtime.consistentHeapStats.stats"
  | "runtime.consistentHeapStats.gen"
  | "runtime.mstats.heapStats"
  | "runtime.mstats.stacks_sys"
  | "runtime.mstats.mspan_sys"
  | "runtime.mstats.mcache_sys"
  | "runtime.mstats.buckhash_sys"
  | "runtime.mstats.gcMiscSys"
  | "runtime.mstats.other_sys"
  | "runtime.gcControllerState.gcPercent"
  | "runtime.gcControllerState.memoryLimit"
  | "runtime.gcControllerState.gcPercentHeapGoal"
  | "runtime.gcControllerState.sweepDistMinTrigger"
  | "runtime.gcControllerState.triggered"
  | "runtime.gcControllerState.heapMarked"
  | "runtime.gcControllerState.heapFree"
  | "runtime.gcControllerState.totalAlloc"
  | "runtime.gcControllerState.totalFree"
  | "runtime.gcControllerState.mappedReady"
  | "runtime.schedt.ngsys"
  | "runtime.schedt.gFree.stack"
  | "runtime.schedt.timeToRun"
  | "runtime.p.id"
  | FreeGoroutines;

/** Up to Go 1.24 lists of unused goroutines were counted beside them, since in them. */
type FreeGoroutines =
  | "runtime.schedt.gFree.n"
  | "runtime.schedt.gFree.stack.size"
  | "runtime.schedt.gFree.noStack.size"
  | "runtime.p.gFree.n"
  | "runtime.p.gFree.size";

export type RuntimeLayout = Readonly<Record<Exclude<RuntimeField, FreeGoroutines>, number>> &
  Readonly<Partial<Record<FreeGoroutines, number>>>;

/**
 * Bytes from the start of the struct, and sizes, in a program that Go 1.`minor` built, the same on x86-64 and arm64; as the compiler's debug information says
 * (layouts.test.ts). For versions that were tried only (struct-offsets.ts).
 */
export function runtimeLayout(minor: number): RuntimeLayout {
  // Go 1.25 took a field of eight bytes out.
  const moved = minor >= 25 ? 8 : 0;
  const heapStats = 3 * (1176 - moved);
  const goals = minor === 19 ? 104 : minor === 20 ? 48 : 72;
  const freeOfAll = minor === 19 ? 152 : minor <= 24 ? 160 : minor === 25 ? 168 : 184;
  const freeOfOne = minor >= 23 && minor <= 25 ? 2456 : 2464;
  return {
    "sizeof runtime.heapStatsDelta": 1176 - moved,
    "runtime.heapStatsDelta.committed": 0,
    "runtime.heapStatsDelta.inStacks": 24,
    "runtime.heapStatsDelta.largeAlloc": 56 - moved,
    "runtime.heapStatsDelta.largeAllocCount": 64 - moved,
    "runtime.heapStatsDelta.smallAllocCount": 72 - moved,
    "runtime.consistentHeapStats.stats": 0,
    "runtime.consistentHeapStats.gen": heapStats,
    "runtime.mstats.heapStats": 0,
    "runtime.mstats.stacks_sys": heapStats + 16,
    "runtime.mstats.mspan_sys": heapStats + 24,
    "runtime.mstats.mcache_sys": heapStats + 32,
    "runtime.mstats.buckhash_sys": heapStats + 40,
    "runtime.mstats.gcMiscSys": heapStats + 48,
    "runtime.mstats.other_sys": heapStats + 56,
    "runtime.gcControllerState.gcPercent": 0,
    "runtime.gcControllerState.memoryLimit": 8,
    "runtime.gcControllerState.gcPercentHeapGoal": goals,
    "runtime.gcControllerState.sweepDistMinTrigger": goals + 8,
    "runtime.gcControllerState.triggered": goals + 16,
    "runtime.gcControllerState.heapMarked": goals + 80,
    "runtime.gcControllerState.heapFree": goals + 216,
    "runtime.gcControllerState.totalAlloc": goals + 224,
    "runtime.gcControllerState.totalFree": goals + 232,
    "runtime.gcControllerState.mappedReady": goals + 240,
    "runtime.schedt.ngsys": minor <= 24 ? 72 : minor === 25 ? 80 : 96,
    "runtime.schedt.gFree.stack": freeOfAll + 8,
    "runtime.schedt.timeToRun": minor === 19 ? 312 : minor <= 24 ? 320 : minor === 25 ? 344 : 360,
    "runtime.p.id": 0,
    ...(minor <= 24
      ? { "runtime.schedt.gFree.n": freeOfAll + 24, "runtime.p.gFree.n": freeOfOne + 8 }
      : {
          "runtime.schedt.gFree.stack.size": freeOfAll + 16,
          "runtime.schedt.gFree.noStack.size": freeOfAll + 32,
          "runtime.p.gFree.size": freeOfOne + 8,
        }),
  };
}
