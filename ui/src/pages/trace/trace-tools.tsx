import type { ReactElement } from "react";
import { Button, Segments, TextField } from "../../design/controls.tsx";
import { formatCount } from "../../design/format.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import type { WaterfallState } from "./use-waterfall.ts";

interface TraceToolsProps {
  readonly waterfall: WaterfallState;
  readonly selected: number;
  readonly onStep: (among: "matches" | "errors", direction: 1 | -1) => void;
}

/** Search with steps through the matches, errors, folding. */
export function TraceTools(props: TraceToolsProps): ReactElement {
  const { waterfall, selected, onStep } = props;
  const search = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const { matches, errors, tree, view } = waterfall;
  const isZoomed = view.from > 0 || view.to < tree.extent;
  const place = matches.indexes.indexOf(selected);
  return (
    <div className="trace-tools">
      <Segments
        label="Show"
        value={search.view}
        choices={[
          { id: "spans", name: "Spans" },
          { id: "logs", name: "Logs" },
        ]}
        onChange={(shown) => adjust({ view: shown })}
      />
      <TextField
        className="trace-search"
        label="Find in trace"
        isSearch
        eager
        value={search.text}
        placeholder="Name, service, kind, span id, error"
        onCommit={(text) => adjust({ text })}
      />
      {search.text === "" ? null : (
        <>
          <span className="faint number" role="status">
            {matches.indexes.length === 0
              ? "no match"
              : `${place >= 0 ? `${formatCount(place + 1)} of ` : ""}${formatCount(matches.indexes.length)}`}
          </span>
          <Button
            icon="up"
            label="Previous match (N)"
            kind="quiet"
            onPress={() => onStep("matches", -1)}
            isDisabled={matches.indexes.length === 0}
          />
          <Button
            icon="down"
            label="Next match (n)"
            kind="quiet"
            onPress={() => onStep("matches", 1)}
            isDisabled={matches.indexes.length === 0}
          />
        </>
      )}
      <span className="grow" />
      {errors.length > 0 ? (
        <Button kind="quiet" icon="error" className="error-text" onPress={() => onStep("errors", 1)}>
          Next error
        </Button>
      ) : null}
      {isZoomed ? (
        <Button kind="quiet" icon="zoomOut" onPress={() => waterfall.setView({ from: 0, to: tree.extent })}>
          Whole trace
        </Button>
      ) : null}
      <Button kind="quiet" icon="collapse" label="Collapse all ([)" onPress={() => waterfall.collapseTo(1)} />
      <Button
        kind="quiet"
        icon="expand"
        label="Expand all (])"
        onPress={() => waterfall.collapseTo(Infinity)}
      />
    </div>
  );
}
