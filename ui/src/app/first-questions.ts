import type { QueryClient } from "@tanstack/react-query";
import { graphQuery, servicesQuery, serviceSteps, traceQuery } from "../client/queries.ts";
import { latencyQuery } from "../client/span-queries.ts";
import type { RawQuery } from "../url/codec.ts";
import { pages } from "../url/pages.ts";

/** Asks what the page at `path` will ask first, so that the server works while the page's own program is loaded. */
export function askFirst(client: QueryClient, path: string, query: RawQuery): void {
  const { from, to } = pages.senders.codec.parse(query);
  const range = { from, to };
  switch (path) {
    case "/":
    case pages.services.path:
      void client.prefetchQuery(servicesQuery({ ...range, steps: serviceSteps }));
      break;
    case pages.service.path: {
      const { name } = pages.service.codec.parse(query);
      void client.prefetchQuery(servicesQuery({ ...range, steps: serviceSteps }));
      void client.prefetchQuery(latencyQuery(range, name));
      break;
    }
    case pages.map.path:
      void client.prefetchQuery(graphQuery(range));
      void client.prefetchQuery(servicesQuery({ ...range, steps: serviceSteps }));
      break;
    case pages.trace.path: {
      const { id } = pages.trace.codec.parse(query);
      if (id !== "") void client.prefetchQuery(traceQuery(id));
      break;
    }
    default:
  }
}
