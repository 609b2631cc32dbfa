import type { ReactElement } from "react";
import { Button } from "../../design/controls.tsx";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { fieldFilter } from "./model.ts";

/** Only with, or without, this value of a field; nothing where no filter can say it. */
export function ValueActions(props: { readonly field: string; readonly value: string }): ReactElement {
  const { field, value } = props;
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const only = fieldFilter(search, field, value, "=");
  const without = fieldFilter(search, field, value, "!=");
  return (
    <span className="value-actions">
      {only === undefined ? null : (
        <Button kind="quiet" icon="plus" label={`Only with ${field} ${value}`} onPress={() => adjust(only)} />
      )}
      {without === undefined ? null : (
        <Button
          kind="quiet"
          icon="minus"
          label={`Without ${field} ${value}`}
          onPress={() => adjust(without)}
        />
      )}
    </span>
  );
}
