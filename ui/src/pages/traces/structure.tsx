import { useMemo, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { structureQuery } from "../../client/span-queries.ts";
import { formatCount, plural } from "../../design/format.ts";
import { CallTree } from "../../panels/call-tree/call-tree.tsx";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { useGo, usePageSearch } from "../../url/location.ts";
import { chosenParameters } from "./model.ts";

/** The call trees of the found traces, merged to one. */
export function Structure(): ReactElement {
  const search = usePageSearch("traces");
  const go = useGo();
  const structure = useQuery(structureQuery(chosenParameters(search)));
  const answer = structure.data;
  const paths = useMemo(() => answer?.paths ?? [], [answer]);
  return (
    <Answer query={structure} what="structure" height={300} fill>
      {(found) =>
        found.paths.length === 0 ? (
          <EmptyState reason={found.empty} what="traces" />
        ) : (
          <>
            <CallTree
              paths={paths}
              traceCount={found.tracesRead}
              onOpen={(path) => go("trace", { id: path.slowestTraceId, span: path.slowestSpanId })}
              onFilter={(path) =>
                go("traces", { ...search, tab: "traces", service: path.service, operation: path.name })
              }
            />
            <CutNote>
              {found.tracesRead < found.traceCount
                ? `Merged from an even sample of ${formatCount(found.tracesRead)} of ${formatCount(found.traceCount)} traces, ${plural(found.spansRead, "span")}.`
                : `Merged from all ${plural(found.traceCount, "trace")} found, ${plural(found.spansRead, "span")}.`}
              {found.omittedSpans > 0
                ? ` ${plural(found.omittedSpans, "span")} on rarer ways are left out: there are over 3,000 ways.`
                : ""}
            </CutNote>
          </>
        )
      }
    </Answer>
  );
}
