import { useQuery } from "@tanstack/react-query";
import { spanFieldsQuery } from "../../client/span-queries.ts";
import { usePageSearch } from "../../url/location.ts";
import { filterParameters } from "./model.ts";
import { useListPainted } from "./use-list-painted.ts";

const ownFields = ["service", "name", "kind", "status"] as const;

/** Fields to group by or list: the span's own, then attributes, the most frequent first. */
export function useFields(): readonly string[] {
  const search = usePageSearch("traces");
  const fields = useQuery({ ...spanFieldsQuery(filterParameters(search)), enabled: useListPainted() });
  return [...ownFields, ...(fields.data?.items ?? []).map(({ scope, key }) => `${scope}.${key}`)];
}
