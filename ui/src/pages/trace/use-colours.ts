import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { traceFieldQuery } from "../../client/span-queries.ts";
import {
  coloursByField,
  coloursByKind,
  coloursByService,
  coloursByStatus,
  type SpanColours,
} from "../../panels/waterfall/colours.ts";
import type { SpanTree } from "../../panels/waterfall/tree.ts";

/** Colours by `by`; by service until the values of an attribute are here. */
export function useColours(tree: SpanTree, by: string): SpanColours {
  const isField = by !== "" && by !== "kind" && by !== "status";
  const field = useQuery({ ...traceFieldQuery(tree.skeleton.traceId, by), enabled: isField });
  const column = isField && !field.isPlaceholderData ? field.data : undefined;
  return useMemo(() => {
    if (by === "kind") return coloursByKind(tree);
    if (by === "status") return coloursByStatus(tree);
    return column === undefined ? coloursByService(tree) : coloursByField(tree, column);
  }, [tree, by, column]);
}
