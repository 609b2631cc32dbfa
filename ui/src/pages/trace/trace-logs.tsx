import type { ReactElement } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { logsQuery } from "../../client/queries.ts";
import { LogList } from "../../panels/logs/log-list.tsx";
import { Answer, EmptyState } from "../../panels/states.tsx";

/** All logs that carry the trace's id, in the order of time. */
export function TraceLogs(props: {
  readonly traceId: string;
  readonly onSpan: (spanId: string) => void;
}): ReactElement {
  const logs = useInfiniteQuery(logsQuery({ trace: props.traceId, order: "oldest" }));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = logs;
  return (
    <Answer query={logs} what="logs of this trace" fill>
      {(data) => {
        const records = data.pages.flatMap((page) => page.items);
        return records.length === 0 ? (
          <EmptyState reason={data.pages[0]?.empty} what="logs of this trace" />
        ) : (
          <LogList
            records={records}
            inTrace
            wrap={false}
            words={[]}
            onSpan={props.onSpan}
            onEndReached={() => {
              if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
            }}
          />
        );
      }}
    </Answer>
  );
}
