import type { RuntimeLayout } from "../go/runtime-layout.ts";

export interface CollectorState {
  /** Size of the heap at which a collection should be over; undefined when nothing sets one. */
  readonly goalBytes: bigint | undefined;
  /** GOMEMLIMIT; undefined when there is none. */
  readonly limitBytes: bigint | undefined;
  /** GOGC; undefined when it is off. */
  readonly percent: number | undefined;
}

const most = (1n << 63n) - 1n;
const never = (1n << 64n) - 1n;
const minRunwayBytes = 64n << 10n;
const minHeadroomBytes = 1n << 20n;
/** Of the heap, kept free below the memory limit; since Go 1.21. */
const headroomPercent = 3n;

/** Bytes of runtime.gcController that `collectorState` wants. */
export function collectorBytes(layout: RuntimeLayout): number {
  return layout["runtime.gcControllerState.mappedReady"] + 8;
}

/**
 * What the collector goes by, of the bytes of runtime.gcController in a program that Go 1.`minor` built. The goal is computed as the runtime does each time it is
 * asked (runtime/mgcpacer.go, heapGoalInternal and memoryLimitHeapGoal). Undefined where the bytes make no sense, as while the runtime starts.
 */
export function collectorState(
  bytes: Buffer,
  layout: RuntimeLayout,
  minor: number,
): CollectorState | undefined {
  const field = (name: Field): bigint => bytes.readBigUInt64LE(layout[`runtime.gcControllerState.${name}`]);
  const percent = bytes.readInt32LE(layout["runtime.gcControllerState.gcPercent"]);
  const limit = field("memoryLimit");
  if (percent < -1 || limit > most || field("gcPercentHeapGoal") === 0n) return undefined;
  const byLimit = goalOfLimit(field, limit, minor);
  if (byLimit === undefined) return undefined;
  let goal = field("gcPercentHeapGoal");
  if (byLimit < goal) goal = byLimit;
  else {
    const triggered = field("triggered");
    goal = larger(goal, field("sweepDistMinTrigger"));
    if (triggered !== never) goal = larger(goal, triggered + minRunwayBytes);
  }
  return {
    goalBytes: goal > most ? undefined : goal,
    limitBytes: limit === most ? undefined : limit,
    percent: percent === -1 ? undefined : percent,
  };
}

type Field =
  | "memoryLimit"
  | "gcPercentHeapGoal"
  | "sweepDistMinTrigger"
  | "triggered"
  | "heapMarked"
  | "heapFree"
  | "totalAlloc"
  | "totalFree"
  | "mappedReady";

/** Undefined when what is counted apart does not fit together: it was read while it changed. */
function goalOfLimit(field: (name: Field) => bigint, limit: bigint, minor: number): bigint | undefined {
  const [mapped, marked] = [field("mappedReady"), field("heapMarked")];
  const nonHeap = mapped - field("heapFree") - (field("totalAlloc") - field("totalFree"));
  if (nonHeap < 0n) return undefined;
  const left = limit - nonHeap - (mapped > limit ? mapped - limit : 0n);
  if (left <= 0n) return marked;
  const headroom = larger(minor >= 21 ? (left / 100n) * headroomPercent : 0n, minHeadroomBytes);
  return larger(left - headroom < headroom ? headroom : left - headroom, marked);
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
