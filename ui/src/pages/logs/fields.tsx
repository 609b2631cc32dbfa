import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import type { LogField, LogFields } from "../../../../src/api/explore/wire.ts";
import { logFieldsQuery } from "../../client/queries.ts";
import { Button, TextField } from "../../design/controls.tsx";
import { formatCount, formatPercent, plural } from "../../design/format.ts";
import { Answer, CutNote, EmptyState } from "../../panels/states.tsx";
import { addFilter, filterFor } from "../../url/attribute-filter.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { logParameters, longestValue, matchFields } from "./model.ts";

/** The attributes of the records found, each with its most frequent values. */
export function Fields(): ReactElement {
  const search = usePageSearch("logs");
  const fields = useQuery(logFieldsQuery(logParameters(search)));
  return (
    <Answer query={fields} what="fields" height={240}>
      {(answer) =>
        answer.fields.length === 0 ? (
          <EmptyState
            reason={
              answer.records === 0
                ? undefined
                : {
                    code: "filtered-out",
                    message: "These records have no attributes",
                    hint: "Add attributes where the program logs, or resource attributes by OTEL_RESOURCE_ATTRIBUTES.",
                  }
            }
            what="log records"
          />
        ) : (
          <FieldWall answer={answer} />
        )
      }
    </Answer>
  );
}

function FieldWall(props: { readonly answer: LogFields }): ReactElement {
  const { answer } = props;
  const [text, setText] = useState("");
  const found = matchFields(answer.fields, text);
  return (
    <>
      <TextField
        className="narrow"
        label="Find field"
        eager
        value={text}
        placeholder="Key or value"
        onCommit={setText}
      />
      {found.length === 0 ? (
        <p className="soft">No field or value holds &quot;{text}&quot;.</p>
      ) : (
        <div className="field-wall">
          {found.map((field) => (
            <FieldCard key={`${field.scope} ${field.key}`} field={field} records={answer.records} />
          ))}
        </div>
      )}
      <CutNote>
        {plural(answer.fields.length, "field")} of{" "}
        {answer.truncated
          ? `the newest ${formatCount(answer.records)} records; narrow the window to count all`
          : `${plural(answer.records, "record")}, all there are`}
      </CutNote>
    </>
  );
}

function FieldCard(props: { readonly field: LogField; readonly records: number }): ReactElement {
  const { field, records } = props;
  const search = usePageSearch("logs");
  const adjust = useAdjust("logs");
  const add = (value: string, operator: "=" | "!="): void =>
    adjust({ attr: addFilter(search.attr, filterFor(field.scope, field.key, value, operator)) });
  return (
    <section className="card field-card" aria-label={field.key}>
      <div className="section-head">
        <h2 className="ellipsis" title={field.key}>
          {field.key}
        </h2>
        <span className="grow" />
        {search.col.includes(field.key) ? null : (
          <Button
            kind="quiet"
            className="inline-button"
            label={`Show ${field.key} in lines`}
            onPress={() => adjust({ col: [...search.col, field.key], view: "lines" })}
          >
            in lines
          </Button>
        )}
        <span className="badge">{field.scope}</span>
      </div>
      <p className="faint number">
        {plural(field.distinct, "value")}, in {formatPercent(records === 0 ? 0 : field.count / records)} of
        records
      </p>
      <ul>
        {field.values.map(({ value, count }) => (
          <li key={value} className="field-value">
            <span
              className="field-bar"
              style={{ width: `calc((100% - var(--field-actions)) * ${count / Math.max(1, field.count)})` }}
              aria-hidden="true"
            />
            <span className="ellipsis mono" title={value}>
              {value === "" ? "(empty)" : value}
            </span>
            <span className="number">{formatCount(count)}</span>
            {value.length >= longestValue ? null : (
              <span className="field-actions">
                <Button
                  kind="quiet"
                  icon="plus"
                  label={`Only ${field.key} ${value}`}
                  onPress={() => add(value, "=")}
                />
                <Button
                  kind="quiet"
                  icon="minus"
                  label={`Without ${field.key} ${value}`}
                  onPress={() => add(value, "!=")}
                />
              </span>
            )}
          </li>
        ))}
      </ul>
      {field.distinct > field.values.length ? (
        <p className="faint">and {formatCount(field.distinct - field.values.length)} rarer</p>
      ) : null}
    </section>
  );
}
