/** What the map draws of the answers. Pure. */
import type { GraphEdge, ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { formatDuration, formatRate } from "../../design/format.ts";
import type { NodeFigures } from "../../panels/graph/service-graph.tsx";
import type { MapSearch } from "../../url/pages.ts";

export interface ServiceMap {
  readonly services: readonly ServiceSummary[];
  readonly edges: readonly GraphEdge[];
}

/** What stands on the nodes; services without spans have no place on the map. */
export function nodeFigures(
  services: readonly ServiceSummary[],
  perSecond: number,
): ReadonlyMap<string, NodeFigures> {
  return new Map(
    services
      .filter(({ spanCount }) => spanCount > 0)
      .map(({ name, count, errorCount, p95Nano }) => [
        name,
        {
          text: `${formatRate(count * perSecond)} p95 ${formatDuration(p95Nano)}`,
          errorShare: count === 0 ? 0 : errorCount / count,
        },
      ]),
  );
}

const noNamespace = "without namespace";

/** Namespaces that services name, in order; services without one are "without namespace". */
export function namespacesOf(services: readonly ServiceSummary[]): readonly string[] {
  const names = new Set(services.map(({ namespace }) => (namespace === "" ? noNamespace : namespace)));
  return [...names].toSorted();
}

/** One namespace with what it talks to directly, or every namespace as one node, or all. */
export function mapOf(
  services: readonly ServiceSummary[],
  edges: readonly GraphEdge[],
  search: Pick<MapSearch, "namespace" | "group">,
): ServiceMap {
  const spaces = new Map(
    services.map(({ name, namespace }) => [name, namespace === "" ? noNamespace : namespace]),
  );
  if (search.group === "namespace") return byNamespace(services, edges, spaces);
  if (search.namespace === "") return { services, edges };
  const inside = (name: string): boolean => spaces.get(name) === search.namespace;
  const kept = edges.filter(({ client, server }) => inside(client) || inside(server));
  const named = new Set(kept.flatMap(({ client, server }) => [client, server]));
  return {
    services: services.filter(({ name }) => inside(name) || named.has(name)),
    edges: kept,
  };
}

/** Calls within a namespace are its own affair. Percentiles of several edges cannot be added: the largest stands, as a bound. */
function byNamespace(
  services: readonly ServiceSummary[],
  edges: readonly GraphEdge[],
  spaces: ReadonlyMap<string, string>,
): ServiceMap {
  const joined = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const client = spaces.get(edge.client) ?? edge.client;
    const server = spaces.get(edge.server) ?? edge.server;
    if (client === server) continue;
    const before = joined.get(`${client}\n${server}`);
    joined.set(`${client}\n${server}`, {
      client,
      server,
      serverKind: edge.serverKind,
      count: edge.count + (before?.count ?? 0),
      errorCount: edge.errorCount + (before?.errorCount ?? 0),
      p50Nano: Math.max(edge.p50Nano, before?.p50Nano ?? 0),
      p95Nano: Math.max(edge.p95Nano, before?.p95Nano ?? 0),
    });
  }
  const groups = new Map<string, ServiceSummary>();
  for (const service of services) {
    const name = spaces.get(service.name) ?? noNamespace;
    const before = groups.get(name);
    groups.set(name, {
      ...service,
      name,
      count: service.count + (before?.count ?? 0),
      errorCount: service.errorCount + (before?.errorCount ?? 0),
      spanCount: service.spanCount + (before?.spanCount ?? 0),
      p95Nano: Math.max(service.p95Nano, before?.p95Nano ?? 0),
    });
  }
  return { services: [...groups.values()], edges: [...joined.values()] };
}
