import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { logTailQuery, mostKept, rereadMs, rereadRows, type LogTail } from "../../client/log-tail.ts";
import { setPreferences, usePreferences } from "../../client/preferences.ts";
import { Button, Segments } from "../../design/controls.tsx";
import { formatClock, formatCount, nanoToMs, plural } from "../../design/format.ts";
import { LogList } from "../../panels/logs/log-list.tsx";
import { Answer } from "../../panels/states.tsx";
import { addFilter } from "../../url/attribute-filter.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { isFiltered, noFilters, searchWords, tailParameters } from "./model.ts";

const linesOfList = 200_000;

/** Lines as they come, the newest at the end; scrolling up holds them still and counts what comes meanwhile. */
export function Tail(): ReactElement {
  const search = usePageSearch("logs");
  const adjust = useAdjust("logs");
  const { wrapLogs } = usePreferences();
  const tail = useQuery(logTailQuery(tailParameters(search)));
  /** What stands on the page while it is held. */
  const [held, setHeld] = useState<LogTail | undefined>(undefined);
  const shown = held ?? tail.data;
  const missed = (tail.data?.read ?? 0) - (held?.read ?? 0);
  const resumed = tail.data?.resumedAtNano;
  return (
    <>
      <div className="log-bar">
        <div className="cut-note number">
          <span
            className={held === undefined && tail.error === null ? "pulse" : "pulse is-off"}
            aria-hidden="true"
          />
          {shown === undefined ? null : (
            <span>
              {held === undefined ? "Following" : "Held"}: the last {plural(shown.records.length, "line")} of{" "}
              {formatCount(tail.data?.read ?? shown.read)} read
              {resumed === undefined
                ? null
                : `; lines before ${formatClock(nanoToMs(resumed), true)} came too fast to show, Lines has them`}
            </span>
          )}
        </div>
        <span className="grow" />
        {held === undefined ? (
          <Button onPress={() => setHeld(tail.data)} isDisabled={tail.data === undefined}>
            Hold
          </Button>
        ) : (
          <Button kind="primary" icon="down" onPress={() => setHeld(undefined)}>
            {missed > 0 ? `${formatCount(missed)} new ${missed === 1 ? "line" : "lines"}` : "Follow"}
          </Button>
        )}
        <Segments
          label="Line breaks"
          value={wrapLogs ? "wrap" : "cut"}
          choices={[
            { id: "cut", name: "One line" },
            { id: "wrap", name: "Wrapped" },
          ]}
          onChange={(chosen) => setPreferences({ wrapLogs: chosen === "wrap" })}
        />
      </div>
      <Answer query={{ ...tail, data: shown }} what="logs" height={240} fill>
        {({ records, read }) =>
          records.length === 0 ? (
            <div className="state" role="status">
              <h2>Waiting for the first line</h2>
              <p className="soft">
                {isFiltered(search)
                  ? "None that passes the filters has come yet; it shows here as it does."
                  : "None has come yet; it shows here as it does."}
              </p>
              {isFiltered(search) ? <Button onPress={() => adjust(noFilters)}>Clear filters</Button> : null}
            </div>
          ) : (
            <div className="card log-card">
              <LogList
                // What it remembers of rows that are gone is let go of with it.
                key={Math.floor(read / linesOfList)}
                records={records}
                wrap={wrapLogs}
                words={searchWords(search.text)}
                onFilter={(filter) => adjust({ attr: addFilter(search.attr, filter) })}
                follow={{
                  following: held === undefined,
                  onFollow: (following) => setHeld(following ? undefined : tail.data),
                }}
              />
            </div>
          )
        }
      </Answer>
      <p className="faint">
        {formatCount(mostKept)} lines are kept here. One that arrives more than {rereadMs / 1000} seconds or{" "}
        {formatCount(rereadRows)} lines late is in Lines only.
      </p>
    </>
  );
}
