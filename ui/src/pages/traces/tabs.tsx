import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { exceptionsQuery } from "../../client/span-queries.ts";
import { Segments, TextField } from "../../design/controls.tsx";
import { formatCount } from "../../design/format.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { chosenParameters } from "./model.ts";
import { useFields } from "./use-fields.ts";
import { useListPainted } from "./use-list-painted.ts";

/** Steps of the series of exceptions: one answer serves the tab's count and its list. */
export const exceptionSteps = 40;
const mostColumns = 12;

export function TraceTabs(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const exceptions = useQuery({
    ...exceptionsQuery({ ...chosenParameters(search), steps: exceptionSteps }),
    enabled: useListPainted(),
  });
  const { items = [], truncated = false } = exceptions.data ?? {};
  const count = exceptions.data === undefined ? "" : ` (${formatCount(items.length)}${truncated ? "+" : ""})`;
  return (
    <div className="trace-tabs">
      <Segments
        label="View"
        value={search.tab}
        choices={[
          { id: "traces", name: "Traces" },
          { id: "breakdown", name: "Breakdown" },
          { id: "comparison", name: "Comparison" },
          { id: "structure", name: "Structure" },
          { id: "exceptions", name: `Exceptions${count}` },
        ]}
        onChange={(tab) => adjust({ tab })}
      />
      <span className="grow" />
      {search.tab === "traces" ? (
        <>
          <AddColumn />
          <Segments
            label="Order"
            value={search.order}
            choices={[
              { id: "newest", name: "Newest" },
              { id: "slowest", name: "Slowest" },
            ]}
            onChange={(order) => adjust({ order })}
          />
        </>
      ) : null}
    </div>
  );
}

/** A field of the matched span, shown with each trace. */
function AddColumn(): ReactElement {
  const { col } = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const fields = useFields();
  const [added, setAdded] = useState(0);
  return (
    <TextField
      key={added}
      className="column-field"
      label="Add column"
      value=""
      placeholder="Add column: http.route"
      list={fields.filter((field) => !col.includes(field))}
      onCommit={(text) => {
        const field = text.trim();
        if (field !== "" && !col.includes(field) && col.length < mostColumns)
          adjust({ col: [...col, field] });
        setAdded(added + 1);
      }}
    />
  );
}
