import { useCallback, type ReactElement } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { logsQuery, logVolumeQuery } from "../../client/queries.ts";
import { setPreferences, usePreferences } from "../../client/preferences.ts";
import { Button, Segments } from "../../design/controls.tsx";
import { plural } from "../../design/format.ts";
import { LogList } from "../../panels/logs/log-list.tsx";
import { Volume } from "../../panels/logs/volume.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { addFilter } from "../../url/attribute-filter.ts";
import { useAdjust, usePageSearch, useSetTimeRange } from "../../url/location.ts";
import { absoluteRange } from "../../url/time.ts";
import { Fields } from "./fields.tsx";
import { LogFilters } from "./filters.tsx";
import { Patterns } from "./patterns.tsx";
import { Tail } from "./tail.tsx";
import {
  isFiltered,
  logParameters,
  noFilters,
  searchWords,
  tailParameters,
  volumeParameters,
} from "./model.ts";
import "./logs.css";

export function LogsPage(): ReactElement {
  const search = usePageSearch("logs");
  const adjust = useAdjust("logs");
  const setRange = useSetTimeRange();
  // Beside lines that come, the window's histogram would only take their place.
  const showVolume = search.trace === "" && search.view !== "tail";
  const volume = useQuery({ ...logVolumeQuery(volumeParameters(search)), enabled: showVolume });
  return (
    <div className={["lines", "tail"].includes(search.view) ? "page page-fixed" : "page"}>
      <PageHead title="Logs">
        <span className="grow" />
        {isFiltered(search) ? (
          <Button kind="quiet" icon="close" onPress={() => adjust(noFilters)}>
            Clear filters
          </Button>
        ) : null}
        <Segments
          label="View"
          value={search.view}
          choices={[
            { id: "lines", name: "Lines" },
            { id: "tail", name: "Tail" },
            { id: "patterns", name: "Patterns" },
            { id: "fields", name: "Fields" },
          ]}
          onChange={(view) => adjust({ view })}
        />
      </PageHead>
      <LogFilters />
      {showVolume ? (
        <Answer query={volume} what="log volume" height={190}>
          {(answer) => (
            <Volume
              volume={answer}
              chosen={search.severity}
              onZoom={(startMs, endMs) => setRange(absoluteRange({ startMs, endMs }))}
              onSeverity={(severity) => adjust({ severity: severity as typeof search.severity })}
            />
          )}
        </Answer>
      ) : null}
      {search.view === "lines" ? <Lines /> : null}
      {search.view === "tail" ? <Tail key={JSON.stringify(tailParameters(search))} /> : null}
      {search.view === "patterns" ? <Patterns /> : null}
      {search.view === "fields" ? <Fields /> : null}
    </div>
  );
}

function Lines(): ReactElement {
  const search = usePageSearch("logs");
  const adjust = useAdjust("logs");
  const { wrapLogs } = usePreferences();
  const logs = useInfiniteQuery(logsQuery(logParameters(search)));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = logs;
  const onEndReached = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const loaded = logs.data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0;
  return (
    <>
      <div className="log-bar">
        <div className="cut-note number" role="status">
          {loaded === 0 ? null : (
            <>
              {plural(loaded, "record")} loaded
              {hasNextPage ? ", more follow as you scroll" : ", all there are"}
              {isFetchingNextPage ? <span className="spinner" aria-hidden="true" /> : null}
            </>
          )}
        </div>
        <span className="grow" />
        <Segments
          label="Lines"
          value={wrapLogs ? "wrap" : "cut"}
          choices={[
            { id: "cut", name: "One line" },
            { id: "wrap", name: "Wrapped" },
          ]}
          onChange={(chosen) => setPreferences({ wrapLogs: chosen === "wrap" })}
        />
        <Segments
          label="Order"
          value={search.order}
          choices={[
            { id: "newest", name: "Newest" },
            { id: "oldest", name: "Oldest" },
          ]}
          onChange={(order) => adjust({ order })}
        />
      </div>
      <Answer query={logs} what="logs" height={240} fill>
        {(data) => {
          const records = data.pages.flatMap((page) => page.items);
          if (records.length === 0) {
            return (
              <EmptyState
                reason={data.pages[0]?.empty}
                what="logs"
                onSuggestion={(service) => adjust({ service })}
              >
                {isFiltered(search) ? <Button onPress={() => adjust(noFilters)}>Clear filters</Button> : null}
              </EmptyState>
            );
          }
          return (
            <div className="card log-card">
              <LogList
                records={records}
                wrap={wrapLogs}
                words={searchWords(search.text)}
                onFilter={(filter) => adjust({ attr: addFilter(search.attr, filter) })}
                onEndReached={onEndReached}
              />
            </div>
          );
        }}
      </Answer>
    </>
  );
}
