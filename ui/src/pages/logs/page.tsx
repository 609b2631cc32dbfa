import { useCallback, useMemo, useState, type ReactElement } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { logsQuery, logVolumeQuery } from "../../client/queries.ts";
import { setPreferences, usePreferences } from "../../client/preferences.ts";
import { Button, Segments, SelectField } from "../../design/controls.tsx";
import { formatCount, plural } from "../../design/format.ts";
import { LogList } from "../../panels/logs/log-list.tsx";
import { foldRepeats } from "../../panels/logs/repeats.ts";
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

/** Records that are read by themselves while repeats are folded, and by each press of the button from then on. */
const readAtOnce = 5000;
const repeatChoices = [
  { id: "all", name: "Every line" },
  { id: "exact", name: "Same text once" },
  { id: "numbers", name: "Same but for numbers once" },
  { id: "signature", name: "Same punctuation once" },
] as const;

/** The attributes that stand in the lines, each with the button that takes it out. */
function LineColumns(): ReactElement | null {
  const { col } = usePageSearch("logs");
  const adjust = useAdjust("logs");
  return col.length === 0 ? null : (
    <ul className="chips" aria-label="Attributes in lines">
      {col.map((key) => (
        <li key={key} className="chip">
          <span className="mono">{key}</span>
          <Button
            kind="quiet"
            icon="close"
            label={`Take ${key} out of lines`}
            onPress={() => adjust({ col: col.filter((one) => one !== key) })}
          />
        </li>
      ))}
    </ul>
  );
}

function Lines(): ReactElement {
  const search = usePageSearch("logs");
  const adjust = useAdjust("logs");
  const { wrapLogs } = usePreferences();
  const logs = useInfiniteQuery(logsQuery(logParameters(search)));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = logs;
  const records = useMemo(() => logs.data?.pages.flatMap((page) => page.items) ?? [], [logs.data]);
  const folded = useMemo(() => foldRepeats(records, search.repeats), [records, search.repeats]);
  const loaded = records.length;
  // Lines that become one do not fill the list, which would ask for more without end.
  const [allowed, setAllowed] = useState(readAtOnce);
  const mayRead = search.repeats === "all" || loaded < allowed;
  const onEndReached = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && mayRead) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, mayRead, fetchNextPage]);
  return (
    <>
      <div className="log-bar">
        <div className="cut-note number" role="status">
          {loaded === 0 ? null : (
            <>
              {plural(loaded, "record")} loaded
              {search.repeats === "all" ? "" : `, shown as ${plural(folded.length, "line")}`}
              {hasNextPage
                ? mayRead
                  ? ", more follow as you scroll"
                  : ", there are more"
                : ", all there are"}
              {isFetchingNextPage ? <span className="spinner" aria-hidden="true" /> : null}
            </>
          )}
        </div>
        {hasNextPage && !mayRead ? (
          <Button onPress={() => setAllowed(loaded + readAtOnce)}>
            {`Read ${formatCount(readAtOnce)} more`}
          </Button>
        ) : null}
        <span className="grow" />
        <LineColumns />
        <SelectField
          label="Repeats"
          value={search.repeats}
          choices={repeatChoices}
          onChange={(repeats) => adjust({ repeats })}
        />
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
                records={folded.map(({ record }) => record)}
                counts={folded.map(({ count }) => count)}
                columns={{ keys: search.col, onChange: (col) => adjust({ col }) }}
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
