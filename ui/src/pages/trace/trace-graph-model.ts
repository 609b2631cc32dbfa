/** Who called whom in one trace. Pure. */
import type { GraphEdge, TraceField } from "../../../../src/api/explore/wire.ts";
import { selfTimes } from "../../panels/waterfall/self-time.ts";
import { errorStatus, type SpanTree } from "../../panels/waterfall/tree.ts";

export interface TraceService {
  readonly spans: number;
  readonly errors: number;
  /** Time that its spans spent themselves, nanoseconds. */
  readonly selfNano: number;
}

export interface TraceCalls {
  readonly services: ReadonlyMap<string, TraceService>;
  readonly edges: readonly GraphEdge[];
}

interface Calls {
  readonly client: string;
  readonly server: string;
  readonly serverKind: GraphEdge["serverKind"];
  errorCount: number;
  readonly durations: number[];
}

/**
 * A call is a span whose parent belongs to another service, or a span that names its database (`databases`: the columns of the attributes that do).
 * What a service does within itself is no call.
 */
export function callsOf(tree: SpanTree, databases: readonly TraceField[]): TraceCalls {
  const { service, services, status, spanIds } = tree.skeleton;
  const nameOf = (index: number): string => services[service[index]!]!;
  const own = selfTimes(tree);
  const figures = services.map(() => ({ spans: 0, errors: 0, selfNano: 0 }));
  const calls = new Map<string, Calls>();
  const add = (client: string, server: string, serverKind: GraphEdge["serverKind"], index: number): void => {
    const key = `${client}\n${server}\n${serverKind}`;
    let found = calls.get(key);
    if (found === undefined)
      calls.set(key, (found = { client, server, serverKind, errorCount: 0, durations: [] }));
    found.durations.push(tree.durations[index]!);
    if (status[index] === errorStatus) found.errorCount++;
  };
  const systems = new Map(
    databases.flatMap(({ spanIds: ids, value, values }) => ids.map((id, at) => [id, values[value[at]!]!])),
  );
  for (let i = 0; i < tree.count; i++) {
    const figure = figures[service[i]!]!;
    figure.spans++;
    figure.selfNano += own[i]!;
    if (status[i] === errorStatus) figure.errors++;
    const parent = tree.parents[i]!;
    if (parent >= 0 && service[parent] !== service[i]) add(nameOf(parent), nameOf(i), "service", i);
    const system = systems.get(spanIds[i]!);
    if (system !== undefined) add(nameOf(i), system, "database", i);
  }
  return {
    services: new Map(services.map((name, at) => [name, figures[at]!])),
    edges: [...calls.values()].map(({ durations, ...call }) => {
      const rising = durations.toSorted((a, b) => a - b);
      const at = (share: number): number => rising[Math.ceil(share * rising.length) - 1]!;
      return { ...call, count: rising.length, p50Nano: at(0.5), p95Nano: at(0.95) };
    }),
  };
}
