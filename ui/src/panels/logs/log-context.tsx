import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { StoredLog } from "../../../../src/api/explore/wire.ts";
import { logNeighboursQuery } from "../../client/queries.ts";
import { Button } from "../../design/controls.tsx";
import { formatClock, nanoToMs } from "../../design/format.ts";
import { Answer } from "../states.tsx";
import { severityClass } from "./severity.ts";

const first = 5;
const more = 20;

/** What the same service wrote just before and after a record, whatever the filters. */
export function LogContext(props: { readonly record: StoredLog }): ReactElement {
  const { record } = props;
  const [count, setCount] = useState(first);
  const before = useQuery(logNeighboursQuery(record, "newest", count));
  const after = useQuery(logNeighboursQuery(record, "oldest", count));
  return (
    <section className="log-context" aria-label="Lines around it">
      <Answer query={before} what="lines before" height={first * 20}>
        {(page) => <Lines records={page.items.toReversed()} none="It wrote nothing in the hour before." />}
      </Answer>
      <Lines records={[record]} none="" isThis />
      <Answer query={after} what="lines after" height={first * 20}>
        {(page) => <Lines records={page.items} none="It wrote nothing in the hour after." />}
      </Answer>
      {count < more ? (
        <Button kind="quiet" className="inline-button" onPress={() => setCount(more)}>
          Show {more} on each side
        </Button>
      ) : null}
    </section>
  );
}

function Lines(props: {
  readonly records: readonly StoredLog[];
  readonly none: string;
  readonly isThis?: boolean;
}): ReactElement {
  if (props.records.length === 0) return <p className="faint">{props.none}</p>;
  return (
    <ul>
      {props.records.map((line, i) => (
        <li
          key={i}
          className={`log-context-line severity-${severityClass(line.severityNumber)}${props.isThis === true ? " is-this" : ""}`}
          {...(props.isThis === true ? { "aria-current": true } : {})}
        >
          <span className="log-time number">{formatClock(nanoToMs(line.timeUnixNano), true)}</span>
          <span className="log-body mono" title={line.body}>
            {line.body === "" ? line.eventName : line.body}
          </span>
        </li>
      ))}
    </ul>
  );
}
