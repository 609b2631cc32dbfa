/** Services, operations and the graph between them. */
import type {
  GraphEdge,
  OperationSummary,
  Red,
  Release,
  ServiceSummary,
} from "../../../src/storage/traces.ts";
import type { StoredAttribute } from "../../../src/storage/attributes.ts";
import type { TimeWindow } from "../../../src/storage/window.ts";
import type { PointRow } from "./points.ts";
import { valueOf, type LogRow, type SpanRow } from "./rows.ts";
import { groupBy, inWindow, quantile, stepOf } from "./select.ts";

const isEntry = (span: SpanRow): boolean =>
  span.kind === "Server" || span.kind === "Consumer" || span.parentSpanId === "";

function redOf(calls: readonly SpanRow[], window: TimeWindow, steps: number): Red {
  const countSeries = Array.from({ length: steps }, () => 0);
  const errorSeries = Array.from({ length: steps }, () => 0);
  for (const span of calls) {
    const step = stepOf(span.timeNano, window, steps);
    countSeries[step] = (countSeries[step] ?? 0) + 1;
    if (span.status === "Error") errorSeries[step] = (errorSeries[step] ?? 0) + 1;
  }
  const durations = calls.map((span) => span.durationNano);
  return {
    count: calls.length,
    errorCount: calls.filter((span) => span.status === "Error").length,
    p50Nano: quantile(durations, 0.5),
    p95Nano: quantile(durations, 0.95),
    p99Nano: quantile(durations, 0.99),
    countSeries,
    errorSeries,
  };
}

interface Seen {
  readonly timeNano: bigint;
  readonly service: string;
  readonly resource: readonly StoredAttribute[];
}

export function servicesOf(
  spans: readonly SpanRow[],
  logs: readonly LogRow[],
  points: readonly PointRow[],
  window: TimeWindow,
  steps: number,
): ServiceSummary[] {
  const within = <T extends Seen>(rows: readonly T[]): T[] =>
    rows.filter((row) => inWindow(row.timeNano, window));
  const all = groupBy<Seen>([...within(spans), ...within(logs), ...within(points)], (row) => row.service);
  const spansOf = groupBy(within(spans), (row) => row.service);
  const logsOf = groupBy(within(logs), (row) => row.service);
  return [...all.keys()].toSorted().map((name) => {
    const own = spansOf.get(name) ?? [];
    const rows = all.get(name) ?? [];
    const resource = rows.at(-1)?.resource ?? [];
    return {
      name,
      namespace: valueOf(resource, "service.namespace"),
      version: valueOf(resource, "service.version"),
      releases: releasesOf(own),
      language: valueOf(resource, "telemetry.sdk.language"),
      distro: valueOf(resource, "telemetry.distro.name"),
      instances: new Set(rows.map((row) => valueOf(row.resource, "service.instance.id"))).size,
      spanCount: own.length,
      logCount: logsOf.get(name)?.length ?? 0,
      lastSeenMs: Math.max(...rows.map((row) => Number(row.timeNano / 1_000_000n))),
      ...redOf(own.filter(isEntry), window, steps),
    };
  });
}

function releasesOf(spans: readonly SpanRow[]): Release[] {
  const versions = groupBy(spans, (span) => valueOf(span.resource, "service.version"));
  versions.delete("");
  return [...versions]
    .map(([version, own]) => ({
      version,
      firstMs: Math.min(...own.map((span) => Number(span.timeNano / 1_000_000n))),
    }))
    .toSorted((a, b) => a.firstMs - b.firstMs)
    .slice(-10);
}

export function operationsOf(
  spans: readonly SpanRow[],
  window: TimeWindow,
  service: string | undefined,
  steps: number,
): OperationSummary[] {
  const chosen = spans.filter(
    (span) => inWindow(span.timeNano, window) && (service === undefined || span.service === service),
  );
  return [...groupBy(chosen, (span) => JSON.stringify([span.service, span.name, span.kind])).values()]
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { service, name, kind } = first;
      return [{ service, name, kind, ...redOf(group, window, steps) }];
    })
    .toSorted((a, b) => b.count - a.count || compare(a.service, b.service) || compare(a.name, b.name));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Calls that were answered by another service's span, and outgoing ones that nothing answered. */
export function graphOf(spans: readonly SpanRow[], window: TimeWindow): GraphEdge[] {
  const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
  const answered = new Set<string>();
  const calls: { client: string; server: string; serverKind: GraphEdge["serverKind"]; span: SpanRow }[] = [];
  for (const span of spans) {
    if (span.kind !== "Server" && span.kind !== "Consumer") continue;
    const parentId = `${span.traceId} ${span.parentSpanId}`;
    const caller = byId.get(parentId);
    answered.add(parentId);
    if (caller !== undefined && caller.service !== span.service && inWindow(span.timeNano, window))
      calls.push({ client: caller.service, server: span.service, serverKind: "service", span });
  }
  for (const span of spans) {
    const goesOut = span.kind === "Client" || span.kind === "Producer";
    if (!goesOut || answered.has(`${span.traceId} ${span.spanId}`) || !inWindow(span.timeNano, window))
      continue;
    const peer = peerOf(span.attributes);
    if (peer.server !== "") calls.push({ client: span.service, ...peer, span });
  }
  return [...groupBy(calls, (call) => JSON.stringify([call.client, call.server, call.serverKind])).values()]
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const durations = group.map((call) => call.span.durationNano);
      return [
        {
          client: first.client,
          server: first.server,
          serverKind: first.serverKind,
          count: group.length,
          errorCount: group.filter((call) => call.span.status === "Error").length,
          p50Nano: quantile(durations, 0.5),
          p95Nano: quantile(durations, 0.95),
        },
      ];
    })
    .toSorted((a, b) => b.count - a.count);
}

function hostAndPort(host: string, port: string): string {
  return host === "" || ["", "80", "443"].includes(port) ? host : `${host}:${port}`;
}

function peerOf(attributes: readonly StoredAttribute[]): {
  server: string;
  serverKind: GraphEdge["serverKind"];
} {
  const first = (...keys: string[]): string =>
    keys.map((key) => valueOf(attributes, key)).find(Boolean) ?? "";
  const named = (system: string, name: string): string => (name === "" ? system : `${system}/${name}`);
  const database = first("db.system.name", "db.system");
  const messaging = first("messaging.system");
  const serverKind = database !== "" ? "database" : messaging !== "" ? "messaging" : "external";
  const server =
    first("peer.service") ||
    (database !== "" && named(database, first("db.namespace", "db.name"))) ||
    (messaging !== "" && named(messaging, first("messaging.destination.name", "messaging.destination"))) ||
    hostAndPort(first("server.address", "net.peer.name"), first("server.port", "net.peer.port"));
  return { server, serverKind };
}
