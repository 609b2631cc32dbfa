import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { LogPattern, LogPatterns } from "../../../../src/api/explore/wire.ts";
import { logPatternsQuery } from "../../client/queries.ts";
import { Button } from "../../design/controls.tsx";
import { formatClock, formatCount, formatPercent, plural } from "../../design/format.ts";
import { severityShares, type SeverityShare } from "../../panels/logs/severity.ts";
import { ServiceName } from "../../panels/service-name.tsx";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { coveredBy, logParameters, patternParts, patternWords } from "./model.ts";

const firstRows = 50;

/** Similar lines as one row each, with how many there are in the whole window. */
export function Patterns(): ReactElement {
  const search = usePageSearch("logs");
  const patterns = useQuery(logPatternsQuery(logParameters(search)));
  return (
    <Answer query={patterns} what="patterns" height={240}>
      {(answer) =>
        answer.patterns.length === 0 ? (
          <EmptyState reason={undefined} what="log records" />
        ) : (
          <PatternTable answer={answer} />
        )
      }
    </Answer>
  );
}

function PatternTable(props: { readonly answer: LogPatterns }): ReactElement {
  const { patterns, total } = props.answer;
  const [all, setAll] = useState(false);
  const covered = coveredBy(patterns);
  return (
    <>
      <div className="card table-card">
        <table className="table patterns">
          <thead>
            <tr>
              <th scope="col" className="right">
                Records
              </th>
              <th scope="col" className="right">
                Share
              </th>
              <th scope="col">Severity</th>
              <th scope="col">Pattern</th>
              <th scope="col">Service</th>
              <th scope="col">First – last</th>
              <th scope="col">
                <span className="visually-hidden">Go to</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {patterns.slice(0, all ? undefined : firstRows).map((pattern) => (
              <PatternRow key={pattern.template} pattern={pattern} total={total} />
            ))}
          </tbody>
        </table>
        {patterns.length > firstRows ? (
          <div className="table-foot">
            <Button kind="quiet" onPress={() => setAll(!all)}>
              {all ? `Show the ${firstRows} most frequent` : `Show all ${patterns.length}`}
            </Button>
          </div>
        ) : null}
      </div>
      <CutNote>
        {plural(patterns.length, "pattern")} for {formatCount(covered)} of {plural(total, "record")}
        {covered < total ? "; rarer lines are left out: add a filter to see them" : ", all there are"}
      </CutNote>
    </>
  );
}

/** How many of a pattern's records are of which severity: those there are most of first, and all as one bar. */
function Severities(props: { readonly shares: readonly SeverityShare[] }): ReactElement {
  const { shares } = props;
  const [most, ...others] = shares;
  return (
    <div
      className="pattern-severities"
      title={shares.map(({ name, count }) => `${name} ${formatCount(count)}`).join(", ")}
    >
      <span className={`severity-${most?.name}`}>
        <span className="log-severity">{most?.name}</span>
      </span>
      {others.map(({ name, count }) => (
        <span key={name} className={`severity-${name}`}>
          <span className="log-severity">
            {name} <span className="number">{formatCount(count)}</span>
          </span>
        </span>
      ))}
      <span className="mix" aria-hidden="true">
        {shares.map(({ name, count }) => (
          <span key={name} style={{ flexGrow: count, background: `var(--severity-${name})` }} />
        ))}
      </span>
    </div>
  );
}

function PatternRow(props: { readonly pattern: LogPattern; readonly total: number }): ReactElement {
  const { pattern, total } = props;
  const adjust = useAdjust("logs");
  const shares = severityShares(pattern.severities);
  return (
    <tr>
      <td className="right number">{formatCount(pattern.count)}</td>
      <td className="right number faint">{formatPercent(total === 0 ? 0 : pattern.count / total)}</td>
      <td>
        <Severities shares={shares} />
      </td>
      <td className="pattern-template mono" title={pattern.example}>
        {patternParts(pattern.template).map((part, i) =>
          part.isVariable ? (
            <span key={i} className="pattern-variable">
              …
            </span>
          ) : (
            part.text
          ),
        )}
      </td>
      <td>
        <ServiceName name={pattern.services[0] ?? ""} />
        {pattern.services.length > 1 ? (
          <span className="faint" title={pattern.services.join(", ")}>
            {" "}
            + {pattern.services.length - 1}
          </span>
        ) : null}
      </td>
      <td className="number faint">
        {formatClock(pattern.firstMs)} – {formatClock(pattern.lastMs)}
      </td>
      <td className="right">
        <Button
          kind="quiet"
          className="inline-button"
          onPress={() =>
            adjust({
              view: "lines",
              text: patternWords(pattern.template),
              ...(pattern.services.length === 1 ? { service: pattern.services[0] ?? "" } : {}),
            })
          }
        >
          Lines
        </Button>
      </td>
    </tr>
  );
}
