/** Figures of the spans of a trace by operation, service or kind. */
import type { CriticalPath } from "../../panels/waterfall/critical-path.ts";
import { selfTimes } from "../../panels/waterfall/self-time.ts";
import { errorStatus, type SpanTree } from "../../panels/waterfall/tree.ts";
import type { TraceSearch } from "../../url/pages.ts";

export interface StatisticRow {
  readonly key: string;
  /** '' when kinds are grouped. */
  readonly service: string;
  readonly name: string;
  readonly count: number;
  readonly errors: number;
  readonly totalNano: number;
  readonly selfNano: number;
  readonly criticalNano: number;
  readonly p95Nano: number;
  readonly maxNano: number;
}

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];

/** Most self time first. */
export function spanStatistics(
  tree: SpanTree,
  critical: CriticalPath,
  group: TraceSearch["group"],
): readonly StatisticRow[] {
  const { services, service, names, name, kind, status } = tree.skeleton;
  const own = selfTimes(tree);
  const groups = new Map<number, number[]>();
  for (let i = 0; i < tree.count; i++) {
    const key =
      group === "service" ? service[i]! : group === "kind" ? kind[i]! : service[i]! * names.length + name[i]!;
    const spans = groups.get(key);
    if (spans === undefined) groups.set(key, [i]);
    else spans.push(i);
  }
  const rows = [...groups].map(([key, spans]): StatisticRow => {
    const first = spans[0]!;
    const durations = Float64Array.from(spans, (i) => tree.durations[i]!).sort();
    const sum = (of: (i: number) => number): number => spans.reduce((total, i) => total + of(i), 0);
    return {
      key: String(key),
      service: group === "kind" ? "" : services[service[first]!]!,
      name: group === "operation" ? names[name[first]!]! : group === "kind" ? kinds[kind[first]!]! : "",
      count: spans.length,
      errors: sum((i) => (status[i] === errorStatus ? 1 : 0)),
      totalNano: sum((i) => tree.durations[i]!),
      selfNano: sum((i) => own[i]!),
      criticalNano: sum((i) => critical.own[i]!),
      p95Nano: durations[Math.min(durations.length - 1, Math.floor(durations.length * 0.95))] ?? 0,
      maxNano: durations.at(-1) ?? 0,
    };
  });
  return rows.toSorted((a, b) => b.selfNano - a.selfNano || b.totalNano - a.totalNano);
}

export interface DifferenceRow {
  readonly key: string;
  readonly service: string;
  readonly name: string;
  /** undefined: the trace has none of it. */
  readonly before: StatisticRow | undefined;
  readonly after: StatisticRow | undefined;
  /** Self time of the second less that of the first. */
  readonly selfNano: number;
}

/** Operations of two traces side by side, the largest difference of self time first. */
export function compareStatistics(
  first: readonly StatisticRow[],
  second: readonly StatisticRow[],
): readonly DifferenceRow[] {
  const keyOf = (row: StatisticRow): string => JSON.stringify([row.service, row.name]);
  const before = new Map(first.map((row) => [keyOf(row), row]));
  const after = new Map(second.map((row) => [keyOf(row), row]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((key): DifferenceRow => {
      const [a, b] = [before.get(key), after.get(key)];
      const { service, name } = (a ?? b)!;
      return { key, service, name, before: a, after: b, selfNano: (b?.selfNano ?? 0) - (a?.selfNano ?? 0) };
    })
    .toSorted((x, y) => Math.abs(y.selfNano) - Math.abs(x.selfNano));
}
