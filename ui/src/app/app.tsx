/** The application: queries, routes, and the shell around the pages. Pages are loaded when first opened. */
import { lazy, Suspense, type ReactElement } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  RouterProvider,
} from "@tanstack/react-router";
import { ApiError } from "../client/http.ts";
import { useTenancy } from "../client/tenant.ts";
import { parseQuery, printQuery } from "../url/codec.ts";
import { pages, type PageName } from "../url/pages.ts";
import { askFirst } from "./first-questions.ts";
import { Missing } from "./missing.tsx";
import { Shell } from "./shell.tsx";

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      gcTime: 120_000,
      refetchOnWindowFocus: false,
      // What the server refused it refuses again; only an unreachable or busy server is worth a second try.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status === 503),
      retryDelay: 800,
    },
  },
});

const root = createRootRoute({ component: Shell, notFoundComponent: Missing });
const components: { readonly [P in PageName]: ReturnType<typeof lazyRouteComponent> } = {
  services: lazyRouteComponent(() => import("../pages/services/page.tsx"), "ServicesPage"),
  service: lazyRouteComponent(() => import("../pages/service/page.tsx"), "ServicePage"),
  map: lazyRouteComponent(() => import("../pages/map/page.tsx"), "MapPage"),
  traces: lazyRouteComponent(() => import("../pages/traces/page.tsx"), "TracesPage"),
  trace: lazyRouteComponent(() => import("../pages/trace/page.tsx"), "TracePage"),
  logs: lazyRouteComponent(() => import("../pages/logs/page.tsx"), "LogsPage"),
  metrics: lazyRouteComponent(() => import("../pages/metrics/page.tsx"), "MetricsPage"),
  senders: lazyRouteComponent(() => import("../pages/senders/page.tsx"), "SendersPage"),
};
const routes = [
  createRoute({
    getParentRoute: () => root,
    path: "/",
    beforeLoad: ({ search }) => {
      throw redirect({ to: pages.services.path, search, replace: true });
    },
  }),
  ...(Object.keys(pages) as PageName[]).map((page) =>
    createRoute({ getParentRoute: () => root, path: pages[page].path, component: components[page] }),
  ),
];

/** The other pages, once the first stands: they are small, and opening one is then at once. */
const preloadAfterMs = 2000;
setTimeout(() => {
  for (const component of Object.values(components)) void component.preload?.();
}, preloadAfterMs);

// The folder of the page's own address: "/" or a proxy's prefix.
const basePath = new URL(".", document.baseURI).pathname;
askFirst(queryClient, location.pathname.slice(basePath.length - 1), parseQuery(location.search));

const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: basePath,
  parseSearch: parseQuery,
  stringifySearch: printQuery,
  defaultPreload: "intent",
  scrollRestoration: true,
});

/** Seen where a server has several tenants only, so loaded when asked for. */
const TenantPage = lazy(async () => ({ default: (await import("./tenant-page.tsx")).TenantPage }));

export function App(): ReactElement {
  const { asked } = useTenancy();
  return (
    <QueryClientProvider client={queryClient}>
      {asked === undefined ? (
        <RouterProvider router={router} />
      ) : (
        <Suspense>
          <TenantPage folder={basePath} />
        </Suspense>
      )}
    </QueryClientProvider>
  );
}
