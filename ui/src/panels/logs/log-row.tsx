import { useState, type ReactElement } from "react";
import type { StoredLog } from "../../../../src/api/explore/wire.ts";
import { Button, CopyButton } from "../../design/controls.tsx";
import { formatClock, formatCount, formatDayClock, nanoToMs, plural } from "../../design/format.ts";
import { filterFor } from "../../url/attribute-filter.ts";
import { PageLink } from "../../url/page-link.tsx";
import { AttributeTable } from "../attribute-table.tsx";
import { ServiceName } from "../service-name.tsx";
import { readableBody } from "./body.ts";
import { LogContext } from "./log-context.tsx";
import { attributesLine, chosenAttributes, markWords } from "./keys.ts";
import { severityClass } from "./severity.ts";

/** Attributes that stand in each line, by choice. */
export interface LogColumns {
  readonly keys: readonly string[];
  readonly onChange: (keys: readonly string[]) => void;
}

interface LogRowProps {
  readonly record: StoredLog;
  readonly isOpen: boolean;
  readonly isActive: boolean;
  readonly inTrace: boolean;
  readonly wrap: boolean;
  readonly words: readonly string[];
  readonly columns: LogColumns | undefined;
  /** How many lines in a row this one stands for. */
  readonly count: number;
  readonly onToggle: () => void;
  readonly onFilter?: (filter: string) => void;
  readonly onSpan?: (spanId: string) => void;
}

const mostBody = 600;
const mostAttributes = 240;
/** Of columns that were asked for more is shown. */
const mostChosen = 1200;

export function LogRow(props: LogRowProps): ReactElement {
  const { record, isOpen, isActive, inTrace, wrap, words, columns, count, onToggle } = props;
  const chosen = columns?.keys ?? [];
  const severity = severityClass(record.severityNumber);
  const ms = nanoToMs(record.timeUnixNano);
  const body = record.body === "" ? record.eventName : record.body;
  return (
    <div className={`log severity-${severity}${isOpen ? " is-open" : ""}`}>
      <button
        type="button"
        className={`log-line${wrap ? " is-wrapped" : ""}`}
        aria-expanded={isOpen}
        tabIndex={isActive ? 0 : -1}
        onClick={onToggle}
      >
        <span className="log-time number" title={formatDayClock(ms, true)}>
          {formatClock(ms, true)}
        </span>
        <span className="log-severity">
          {record.severityText === "" ? severity : record.severityText.toLowerCase()}
        </span>
        <span className="log-service">
          <ServiceName name={record.service} />
        </span>
        <span className="log-body mono">
          {count === 1 ? null : (
            <span
              className="log-count number"
              title={`${plural(count, "line")} in a row; this is the first shown`}
            >
              {formatCount(count)}&times;
            </span>
          )}
          {markWords(body.length > mostBody ? `${body.slice(0, mostBody)}…` : body, words).map((part, i) =>
            i % 2 === 1 ? <mark key={i}>{part}</mark> : part,
          )}
          <span className={chosen.length === 0 ? "log-attributes" : "log-attributes is-chosen"}>
            {chosen.length === 0
              ? attributesLine(record.attributes, mostAttributes)
              : attributesLine(chosenAttributes(record, chosen), mostChosen)}
          </span>
        </span>
      </button>
      {isOpen ? <LogDetail {...props} inTrace={inTrace} /> : null}
    </div>
  );
}

function LogDetail(props: LogRowProps): ReactElement {
  const { record, inTrace, onFilter, onSpan, columns } = props;
  const inLine = columns === undefined ? {} : { columns };
  const [around, setAround] = useState(false);
  const add = (scope: "log" | "resource") =>
    onFilter === undefined
      ? {}
      : {
          onFilter: (attribute: { key: string; value: string }, operator: "=" | "!=") =>
            onFilter(filterFor(scope, attribute.key, attribute.value, operator)),
        };
  return (
    <div className="log-detail">
      <div className="log-detail-actions">
        <span className="number soft">{formatDayClock(nanoToMs(record.timeUnixNano), true)}</span>
        {record.traceId === "" || inTrace ? null : (
          <>
            <PageLink page="trace" search={{ id: record.traceId, span: record.spanId }}>
              Open its trace
            </PageLink>
            <PageLink page="logs" search={{ trace: record.traceId }}>
              Logs of this trace
            </PageLink>
          </>
        )}
        {inTrace && onSpan !== undefined && record.spanId !== "" ? (
          <Button kind="quiet" className="inline-button" onPress={() => onSpan(record.spanId)}>
            Show its span
          </Button>
        ) : null}
        <Button kind="quiet" className="inline-button" onPress={() => setAround(!around)}>
          {around ? "Hide lines around it" : "Lines around it"}
        </Button>
        <span className="grow" />
        <CopyButton label="Copy body" text={() => record.body} />
        <CopyButton label="Copy record as JSON" text={() => JSON.stringify(record, null, 2)}>
          JSON
        </CopyButton>
      </div>
      {around ? <LogContext record={record} /> : null}
      <pre className="log-whole" tabIndex={0} aria-label="Body">
        {readableBody(record.body)}
      </pre>
      <div className="log-tables">
        <AttributeTable title="Attributes" attributes={record.attributes} {...add("log")} {...inLine} />
        <AttributeTable title="Resource" attributes={record.resource} {...add("resource")} {...inLine} />
      </div>
      <p className="faint">
        {record.scopeName === "" ? "" : `Scope ${record.scopeName} ${record.scopeVersion}`}
        {record.eventName === "" ? "" : ` · event ${record.eventName}`}
        {record.spanId === "" ? "" : ` · span ${record.spanId}`}
      </p>
    </div>
  );
}
