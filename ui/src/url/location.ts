/** The address as React reads and changes it. Push to navigate, replace to adjust. */
import { useCallback, useMemo } from "react";
import { useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { parseQuery, type RawQuery } from "./codec.ts";
import { pages, type PageName, type PageSearch } from "./pages.ts";
import { absoluteRange, resolveRange, type TimeRange } from "./time.ts";

/** The state of the page that the address names; `page` must be the page shown. */
export function usePageSearch<P extends PageName>(page: P): PageSearch[P] {
  const searchText = useRouterState({ select: (state) => state.location.searchStr });
  return useMemo(() => pages[page].codec.parse(parseQuery(searchText)), [page, searchText]);
}

/** The window of time in the address; on every page. */
export function useTimeRange(): TimeRange {
  const { from, to } = usePageSearch("senders");
  return useMemo(() => ({ from, to }), [from, to]);
}

export interface Go {
  /** To another page or another state worth a Back: keeps the window of time unless given. */
  <P extends PageName>(page: P, search: Partial<PageSearch[P]>): void;
}

export function useGo(): Go {
  const navigate = useNavigate();
  const time = useTimeRange();
  return useCallback(
    <P extends PageName>(page: P, search: Partial<PageSearch[P]>) => {
      const target = pages[page];
      void navigate({ to: target.path, search: target.codec.print({ ...time, ...search }) });
    },
    [navigate, time],
  );
}

/**
 * Changes part of the shown page's state without a new entry in the history. Builds on the latest address, not on the one drawn: changes that come
 * faster than the page draws all stay. A change that arrives after the page was left is none.
 */
export function useAdjust<P extends PageName>(page: P): (change: Partial<PageSearch[P]>) => void {
  const navigate = useNavigate();
  const router = useRouter();
  return useCallback(
    (change: Partial<PageSearch[P]>) => {
      const { path, codec } = pages[page];
      if (router.latestLocation.pathname !== path) return;
      void navigate({
        to: path,
        search: (before: Record<string, unknown>) =>
          codec.print({ ...codec.parse(before as RawQuery), ...change }),
        replace: true,
      });
    },
    [navigate, router, page],
  );
}

/** To a page by its path and query, as a saved view keeps them. */
export function useOpenAddress(): (address: string) => void {
  const navigate = useNavigate();
  return useCallback(
    (address: string) => {
      const [path = "", query = ""] = address.split(/\?(.*)/s);
      void navigate({ to: path, search: parseQuery(query) });
    },
    [navigate],
  );
}

/** Sets the window of time and leaves all else in the address as it is. A new entry in the history: Back undoes a zoom. */
export function useSetTimeRange(): (range: TimeRange) => void {
  const navigate = useNavigate();
  return useCallback(
    (range: TimeRange) => {
      void navigate({
        to: ".",
        search: (before: Record<string, unknown>) => {
          const { from: _from, to: _to, ...rest } = before;
          return { ...rest, ...pages.senders.codec.print(range) };
        },
      });
    },
    [navigate],
  );
}

/** The whole address of this page with the window fixed to absolute times, for others to open. */
export function linkToShare(href: string, nowMs: number): string {
  const url = new URL(href);
  const query = parseQuery(url.search);
  const fixed = absoluteRange(resolveRange(pages.senders.codec.parse(query), nowMs));
  url.searchParams.set("from", fixed.from);
  url.searchParams.set("to", fixed.to);
  return url.toString();
}
