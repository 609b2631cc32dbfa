import { useState, type ReactElement } from "react";
import { Button, TextField } from "../../design/controls.tsx";
import { addFilter, parseFilter, splitScope } from "../../url/attribute-filter.ts";

interface AttributeChipsProps {
  readonly filters: readonly string[];
  readonly onChange: (filters: readonly string[]) => void;
}

const words = { "=": "is", "!=": "is not", contains: "contains", exists: "exists" } as const;

/** The filters in force, each removable; a click on its text takes it back to the field for a change. */
export function AttributeChips(props: AttributeChipsProps): ReactElement | null {
  const { filters, onChange } = props;
  if (filters.length === 0) return null;
  return (
    <ul className="chips" aria-label="Attribute filters">
      {filters.map((filter) => {
        const parts = parseFilter(filter);
        const { scope, name } = splitScope(parts?.key ?? filter);
        return (
          <li key={filter} className="chip">
            <span className="ellipsis" title={filter}>
              {scope === "" ? null : <span className="faint">{scope} </span>}
              <span className="mono">{name}</span>{" "}
              <span className="faint">{words[parts?.operator ?? "exists"]}</span>{" "}
              <span className="mono strong">{parts?.value}</span>
            </span>
            <Button
              kind="quiet"
              icon="close"
              label={`Remove filter ${filter}`}
              onPress={() => onChange(filters.filter((other) => other !== filter))}
            />
          </li>
        );
      })}
      {filters.length > 1 ? (
        <li>
          <Button kind="quiet" className="inline-button" onPress={() => onChange([])}>
            Remove all
          </Button>
        </li>
      ) : null}
    </ul>
  );
}

/** Where a filter is written: "http.route=/cart", "key!=value", "key~part", "key". */
export function AttributeInput(props: AttributeChipsProps): ReactElement {
  const [entered, setEntered] = useState(0);
  return (
    <TextField
      key={entered}
      className="grow"
      label="Attribute"
      value=""
      placeholder="http.route=/cart"
      onCommit={(text) => {
        props.onChange(addFilter(props.filters, text));
        setEntered(entered + 1);
      }}
    />
  );
}
