import { useState, type ReactElement } from "react";
import { Button, TextField } from "../../design/controls.tsx";
import { addFilter, parseFilter, splitScope } from "../../url/attribute-filter.ts";

interface AttributeChipsProps {
  readonly filters: readonly string[];
  readonly onChange: (filters: readonly string[]) => void;
}

const words = { "=": "is", "!=": "is not", contains: "contains", exists: "exists" } as const;

/** The filters in force, each removable; a click on one makes its text a field, Enter takes the change. */
export function AttributeChips(props: AttributeChipsProps): ReactElement | null {
  const { filters, onChange } = props;
  const [edited, setEdited] = useState("");
  if (filters.length === 0) return null;
  return (
    <ul className="chips" aria-label="Attribute filters">
      {filters.map((filter) => (
        <li key={filter} className="chip">
          {filter === edited ? (
            <ChipEditor
              filter={filter}
              onDone={(text) => {
                setEdited("");
                if (text === filter) return;
                const others = filters.filter((other) => other !== filter);
                onChange(parseFilter(text) === undefined ? others : addFilter(others, text));
              }}
            />
          ) : (
            <button
              type="button"
              className="chip-text"
              title={`Change ${filter}`}
              onClick={() => setEdited(filter)}
            >
              <FilterWords filter={filter} />
            </button>
          )}
          <Button
            kind="quiet"
            icon="close"
            label={`Remove filter ${filter}`}
            onPress={() => onChange(filters.filter((other) => other !== filter))}
          />
        </li>
      ))}
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

function FilterWords(props: { readonly filter: string }): ReactElement {
  const parts = parseFilter(props.filter);
  const { scope, name } = splitScope(parts?.key ?? props.filter);
  return (
    <span className="ellipsis">
      {scope === "" ? null : <span className="soft">{scope} </span>}
      <span className="mono">{name}</span> <span className="soft">{words[parts?.operator ?? "exists"]}</span>{" "}
      <span className="mono strong">{parts?.value}</span>
    </span>
  );
}

/** Enter or leaving the field takes the text, Escape leaves the filter as it was; an empty text removes it. */
function ChipEditor(props: {
  readonly filter: string;
  readonly onDone: (text: string) => void;
}): ReactElement {
  const { filter, onDone } = props;
  const [text, setText] = useState(filter);
  return (
    <input
      className="chip-input mono"
      aria-label={`Change filter ${filter}`}
      autoFocus
      spellCheck={false}
      value={text}
      size={Math.min(60, Math.max(12, text.length))}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onDone(text.trim())}
      onKeyDown={(event) => {
        if (event.key === "Enter") onDone(text.trim());
        if (event.key === "Escape") onDone(filter);
      }}
    />
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
