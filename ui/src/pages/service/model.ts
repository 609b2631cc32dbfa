/** What the page of one service shows of the answers. Pure. */
import type { GraphEdge, MetricSummary, ServiceSummary } from "../../../../src/api/explore/wire.ts";
import type { BarSeries } from "../../panels/charts/stacked-bars.tsx";

/** Requests that went well, below those that failed. */
export function requestSeries(
  service: Pick<ServiceSummary, "countSeries" | "errorSeries">,
): readonly BarSeries[] {
  return [
    { name: "failed", colour: "var(--error-fill)", counts: service.errorSeries },
    {
      name: "other",
      colour: "var(--accent)",
      counts: service.countSeries.map((count, i) => Math.max(0, count - (service.errorSeries[i] ?? 0))),
    },
  ];
}

export interface Neighbours {
  readonly callers: readonly GraphEdge[];
  readonly callees: readonly GraphEdge[];
}

/** Most calls first; a service that calls itself is its own neighbour on neither side. */
export function neighboursOf(service: string, edges: readonly GraphEdge[]): Neighbours {
  const others = edges
    .filter(({ client, server }) => client !== server)
    .toSorted((a, b) => b.count - a.count);
  return {
    callers: others.filter(({ server }) => server === service),
    callees: others.filter(({ client }) => client === service),
  };
}

/** What tells how a program runs, by the names of the semantic conventions and of older instrumentations: first what most look for. */
const runtimeNames: readonly RegExp[] = [
  /cpu/,
  /memory|heap/,
  /gc|garbage/,
  /event_?loop/,
  /^(process|jvm|nodejs|v8js|go|cpython|dotnet|system|container|k8s)\b|runtime/,
];

export function runtimeMetrics(metrics: readonly MetricSummary[], most: number): readonly MetricSummary[] {
  const rank = (name: string): number => {
    if (!runtimeNames.at(-1)!.test(name)) return -1;
    return runtimeNames.findIndex((pattern) => pattern.test(name));
  };
  return metrics
    .filter(({ name }) => rank(name) >= 0)
    .toSorted((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1))
    .slice(0, most);
}
