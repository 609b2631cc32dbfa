/** What the services page shows of the answers. Pure. */
import type { ServiceSummary } from "../../../../src/api/explore/wire.ts";
import { redFigures, type RedFigures } from "../../panels/services/model.ts";
import type { ServiceColumn } from "../../url/pages.ts";

/** Names rise; figures fall; ties by name, so that rows do not jump while live. */
export function sortServices(
  services: readonly ServiceSummary[],
  by: ServiceColumn,
): readonly ServiceSummary[] {
  const byName = (a: ServiceSummary, b: ServiceSummary): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  const figure = (service: ServiceSummary): number => {
    switch (by) {
      case "rate":
        return service.count;
      case "errors":
        return service.count === 0 ? 0 : service.errorCount / service.count;
      case "p95":
        return service.p95Nano;
      case "lastSeen":
        // To the minute: services that are all alive keep their order.
        return Math.floor(service.lastSeenMs / 60_000);
      case "name":
        return 0;
    }
  };
  return services.toSorted((a, b) => figure(b) - figure(a) || byName(a, b));
}

export function matchServices(services: readonly ServiceSummary[], text: string): readonly ServiceSummary[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return services;
  return services.filter((service) =>
    [service.name, service.namespace, service.language].some((part) => part.toLowerCase().includes(wanted)),
  );
}

export interface Totals extends RedFigures {
  readonly services: number;
  readonly spans: number;
  readonly logs: number;
  /** Service with the highest p95; undefined without requests. */
  readonly slowest: ServiceSummary | undefined;
  readonly countSeries: readonly number[];
  readonly errorSeries: readonly number[];
}

/** Sums over services; a request through three services counts three times. */
export function totalsOf(services: readonly ServiceSummary[], windowMs: number): Totals {
  const steps = services.reduce((most, service) => Math.max(most, service.countSeries.length), 0);
  const countSeries = Array.from({ length: steps }, () => 0);
  const errorSeries = Array.from({ length: steps }, () => 0);
  let count = 0;
  let errorCount = 0;
  let spans = 0;
  let logs = 0;
  let slowest: ServiceSummary | undefined;
  for (const service of services) {
    count += service.count;
    errorCount += service.errorCount;
    spans += service.spanCount;
    logs += service.logCount;
    if (service.count > 0 && (slowest === undefined || service.p95Nano > slowest.p95Nano)) slowest = service;
    service.countSeries.forEach((value, i) => (countSeries[i] = countSeries[i]! + value));
    service.errorSeries.forEach((value, i) => (errorSeries[i] = errorSeries[i]! + value));
  }
  return {
    ...redFigures({ count, errorCount }, windowMs),
    services: services.length,
    spans,
    logs,
    slowest,
    countSeries,
    errorSeries,
  };
}
