import { useQuery } from "@tanstack/react-query";
import { tracesQuery } from "../../client/queries.ts";
import { useAfterPaint } from "../../panels/use-after-paint.ts";
import { usePageSearch } from "../../url/location.ts";
import { tracesParameters } from "./model.ts";

/** True once the list of traces stands, and from then on: what only helps to choose (suggestions, counts of tabs) is asked for behind it. At once in other tabs. */
export function useListPainted(): boolean {
  const search = usePageSearch("traces");
  // Looks on only: the list itself asks.
  const list = useQuery({ ...tracesQuery(tracesParameters(search)), enabled: false });
  return useAfterPaint(search.tab !== "traces" || list.data !== undefined || list.isError);
}
