import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { FieldDifference, SpanComparison } from "../../../../src/api/explore/wire.ts";
import { comparisonQuery } from "../../client/span-queries.ts";
import { Button, TextField } from "../../design/controls.tsx";
import { formatCount, formatPercent } from "../../design/format.ts";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { usePageSearch } from "../../url/location.ts";
import { filterParameters, hasSelection, selectionParameters } from "./model.ts";
import { ValueActions } from "./value-actions.tsx";

const firstFields = 24;
const firstValues = 4;

/** What the selected spans have more often, or less, than the others. */
export function Comparison(): ReactElement {
  const search = usePageSearch("traces");
  if (!hasSelection(search)) {
    return (
      <div className="state" role="status">
        <h2>Nothing is selected to compare</h2>
        <p className="soft">
          Drag over slow or odd spans in the durations above, or take the slowest tenth or the failed: their
          attributes are then ranked by how much they differ from the other spans.
        </p>
      </div>
    );
  }
  return <Compared />;
}

function Compared(): ReactElement {
  const search = usePageSearch("traces");
  const comparison = useQuery(
    comparisonQuery({ ...filterParameters(search), ...selectionParameters(search) }),
  );
  return (
    <Answer query={comparison} what="comparison" height={300}>
      {(answer) => {
        if (answer.empty !== undefined) return <EmptyState reason={answer.empty} what="spans" />;
        if (answer.selectionCount === 0 || answer.baselineCount === 0) {
          return (
            <div className="state" role="status">
              <h2>
                {answer.selectionCount === 0
                  ? "No span is in the selection"
                  : "All spans are in the selection"}
              </h2>
              <p className="soft">
                {answer.selectionCount === 0
                  ? "Select an area of the durations that holds some."
                  : "Nothing is left to compare with: widen the window of time, or select less."}
              </p>
            </div>
          );
        }
        return <Fields answer={answer} />;
      }}
    </Answer>
  );
}

function Fields(props: { readonly answer: SpanComparison }): ReactElement {
  const { answer } = props;
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const { selStatus } = usePageSearch("traces");
  // That a selection by status differs in its status says nothing.
  const telling = answer.fields.filter((field) => selStatus === "" || nameOf(field) !== "status");
  const found = telling.filter((field) => nameOf(field).toLowerCase().includes(text.toLowerCase()));
  const shown = found.slice(0, all ? undefined : firstFields);
  const sampled = answer.selectionRead < answer.selectionCount || answer.baselineRead < answer.baselineCount;
  return (
    <div className="view">
      <div className="view-head">
        <span className="legend-item">
          <span className="dot" style={{ background: "var(--series-2)" }} />
          selected <span className="number faint">{formatCount(answer.selectionCount)}</span>
        </span>
        <span className="legend-item">
          <span className="dot" style={{ background: "var(--series-11)" }} />
          the others <span className="number faint">{formatCount(answer.baselineCount)}</span>
        </span>
        {sampled ? (
          <span className="faint">
            counted over an even sample of {formatCount(answer.selectionRead)} and{" "}
            {formatCount(answer.baselineRead)}
          </span>
        ) : null}
        <span className="grow" />
        <TextField
          className="by-field"
          label="Find"
          value={text}
          eager
          placeholder="attribute"
          onCommit={setText}
        />
      </div>
      {shown.length === 0 ? <p className="faint">No attribute has "{text}" in its name.</p> : null}
      <div className="differences">
        {shown.map((field) => (
          <Difference key={nameOf(field)} field={field} answer={answer} />
        ))}
      </div>
      {found.length > shown.length ? (
        <Button kind="quiet" onPress={() => setAll(true)}>
          Show all {found.length}
        </Button>
      ) : null}
    </div>
  );
}

function nameOf(field: FieldDifference): string {
  return field.scope === "" ? field.key : `${field.scope}.${field.key}`;
}

/** One field: the shares of its values on both sides, as a table with bars. */
function Difference(props: {
  readonly field: FieldDifference;
  readonly answer: SpanComparison;
}): ReactElement {
  const { field, answer } = props;
  const [all, setAll] = useState(false);
  const name = nameOf(field);
  const hidden = field.values.length - firstValues;
  return (
    <section className="card difference" aria-label={name}>
      <header className="difference-head">
        <h3 className="mono ellipsis" title={name}>
          {field.scope === "" ? null : <span className="faint">{field.scope}.</span>}
          {field.key}
        </h3>
        <span className="number strong" title="Largest difference of a value's share">
          {formatPercent(field.difference)}
        </span>
      </header>
      <table>
        <colgroup>
          <col className="difference-value" />
          <col />
          <col className="difference-actions" />
        </colgroup>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Share of the selected and of the others</th>
            <th scope="col">Filter</th>
          </tr>
        </thead>
        <tbody>
          {field.values.slice(0, all ? undefined : firstValues).map((one) => (
            <tr key={one.value}>
              <th scope="row" title={one.value}>
                <span className="ellipsis">
                  {one.value === "" ? <span className="faint">empty</span> : one.value}
                </span>
              </th>
              <td>
                <Share
                  share={one.selectionCount / Math.max(1, answer.selectionRead)}
                  token="--series-2"
                  side="selected"
                />
                <Share
                  share={one.baselineCount / Math.max(1, answer.baselineRead)}
                  token="--series-11"
                  side="others"
                />
              </td>
              <td>
                <ValueActions field={name} value={one.value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!all && hidden > 0 ? (
        <Button kind="quiet" className="inline-button" onPress={() => setAll(true)}>
          {hidden} more{field.omittedValues > 0 ? ` of ${formatCount(hidden + field.omittedValues)}` : ""}
        </Button>
      ) : field.omittedValues > 0 ? (
        <span className="faint">and {formatCount(field.omittedValues)} values that differ less</span>
      ) : null}
    </section>
  );
}

function Share(props: {
  readonly share: number;
  readonly token: string;
  readonly side: string;
}): ReactElement {
  const { share, token, side } = props;
  return (
    <span className="share">
      <span className="visually-hidden">{side} </span>
      <span className="share-track" aria-hidden="true">
        <span style={{ width: `${Math.min(100, share * 100)}%`, background: `var(${token})` }} />
      </span>
      <span className="number">{formatPercent(Math.min(1, share))}</span>
    </span>
  );
}
