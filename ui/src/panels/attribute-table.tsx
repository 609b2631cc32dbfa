import { useState, type ReactElement } from "react";
import type { StoredAttribute } from "../../../src/api/explore/wire.ts";
import { Button, CopyButton } from "../design/controls.tsx";

interface AttributeTableProps {
  readonly title: string;
  readonly attributes: readonly StoredAttribute[];
  /** Absent: no filter buttons. */
  readonly onFilter?: (attribute: StoredAttribute, operator: "=" | "!=") => void;
  /** Keys that are shown elsewhere, each with a button to add or remove it; absent: no such buttons. */
  readonly columns?: {
    readonly keys: readonly string[];
    readonly onChange: (keys: readonly string[]) => void;
  };
}

const longValue = 400;

/** Keys, values and types; each value can be copied and made a filter. */
export function AttributeTable(props: AttributeTableProps): ReactElement | null {
  const { title, attributes, onFilter } = props;
  if (attributes.length === 0) return null;
  return (
    <section className="attributes">
      <h3>
        {title} <span className="faint number">{attributes.length}</span>
      </h3>
      <dl>
        {attributes
          .toSorted((a, b) => (a.key < b.key ? -1 : 1))
          .map((attribute) => (
            <div key={attribute.key} className="attribute">
              <dt className="mono" title={attribute.key}>
                {attribute.key}
              </dt>
              <dd>
                <Value attribute={attribute} />
                {attribute.type === "string" ? null : <span className="badge">{attribute.type}</span>}
                <span className="attribute-actions">
                  {onFilter === undefined ? null : (
                    <>
                      <Button
                        kind="quiet"
                        icon="plus"
                        label={`Only with this ${attribute.key}`}
                        onPress={() => onFilter(attribute, "=")}
                      />
                      <Button
                        kind="quiet"
                        icon="minus"
                        label={`Without this ${attribute.key}`}
                        onPress={() => onFilter(attribute, "!=")}
                      />
                    </>
                  )}
                  {props.columns === undefined ? null : (
                    <InLine attributeKey={attribute.key} columns={props.columns} />
                  )}
                  <CopyButton label={`Copy ${attribute.key}`} text={() => attribute.value} />
                </span>
              </dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function InLine(props: {
  readonly attributeKey: string;
  readonly columns: NonNullable<AttributeTableProps["columns"]>;
}): ReactElement {
  const { attributeKey, columns } = props;
  const shown = columns.keys.includes(attributeKey);
  return (
    <Button
      kind="quiet"
      className="inline-button"
      label={shown ? `Take ${attributeKey} out of lines` : `Show ${attributeKey} in lines`}
      onPress={() =>
        columns.onChange(
          shown ? columns.keys.filter((key) => key !== attributeKey) : [...columns.keys, attributeKey],
        )
      }
    >
      {shown ? "out of lines" : "in lines"}
    </Button>
  );
}

function Value(props: { readonly attribute: StoredAttribute }): ReactElement {
  const { value, type } = props.attribute;
  const [whole, setWhole] = useState(false);
  const pretty = type === "map" || type === "array" ? prettyJson(value) : value;
  const cut = !whole && pretty.length > longValue;
  return (
    <span className={`attribute-value mono type-${type}`}>
      {cut ? pretty.slice(0, longValue) : pretty}
      {value === "" ? <span className="faint">empty</span> : null}
      {cut ? (
        <Button kind="quiet" className="inline-button" onPress={() => setWhole(true)}>
          show all {pretty.length.toLocaleString("en-US")} characters
        </Button>
      ) : null}
    </span>
  );
}

function prettyJson(text: string): string {
  if (text.length < 60) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
