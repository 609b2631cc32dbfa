import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { spanFieldsQuery } from "../../client/span-queries.ts";
import { Button, Segments, SelectField, TextField } from "../../design/controls.tsx";
import { formatCount, nanoToMs, plural } from "../../design/format.ts";
import { collapseFrom, collapseWhere, insideOneService } from "../../panels/waterfall/tree.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { absoluteRange } from "../../url/time.ts";
import type { WaterfallState } from "./use-waterfall.ts";

interface TraceToolsProps {
  readonly waterfall: WaterfallState;
  readonly selected: number;
  readonly onStep: (among: "matches" | "errors", direction: 1 | -1) => void;
}

/** Views, search with steps through the matches, and below them what the waterfall shows and how. */
export function TraceTools(props: TraceToolsProps): ReactElement {
  const { waterfall, selected, onStep } = props;
  const search = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const { matches, errors } = waterfall;
  const place = matches.indexes.indexOf(selected);
  return (
    <div className="trace-tools">
      <Segments
        label="Show"
        value={search.view}
        choices={[
          { id: "spans", name: "Spans" },
          { id: "flame", name: "Flame" },
          { id: "graph", name: "Calls" },
          { id: "statistics", name: "Statistics" },
          { id: "compare", name: "Compare" },
          { id: "links", name: "Links" },
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
      {search.view === "spans" ? <WaterfallTools waterfall={waterfall} /> : null}
    </div>
  );
}

const depths = [1, 2, 3, 4, 6, 8];

function WaterfallTools(props: { readonly waterfall: WaterfallState }): ReactElement {
  const { waterfall } = props;
  const { tree, view, runs, change } = waterfall;
  const search = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const { skeleton } = tree;
  const isZoomed = view.from > 0 || view.to < tree.extent;
  const collapse = (choice: string): void =>
    change((state) => {
      if (choice === "none") return collapseFrom(tree, Infinity, state);
      if (choice === "within") {
        const inside = insideOneService(tree);
        return collapseWhere(tree, (i) => inside[i] === 1, state);
      }
      const [sort, value = ""] = choice.split(/ (.*)/s);
      if (sort === "depth") return collapseFrom(tree, Number(value), state);
      const service = skeleton.services.indexOf(value);
      return collapseWhere(tree, (i) => skeleton.service[i] === service, state);
    });
  return (
    <>
      {isZoomed ? (
        <Button kind="quiet" icon="zoomOut" onPress={() => waterfall.setView({ from: 0, to: tree.extent })}>
          Whole trace
        </Button>
      ) : null}
      <Button
        kind={search.critical === "on" ? "plain" : "quiet"}
        onPress={() => adjust({ critical: search.critical === "on" ? "off" : "on" })}
        label={`Critical path: ${search.critical} (c)`}
      >
        Critical path
      </Button>
      <ColourSelect waterfall={waterfall} />
      <SelectField
        label="Collapse"
        value="choose"
        choices={[
          { id: "choose", name: "Collapse…" },
          { id: "none", name: "Nothing" },
          ...(runs.total === 0
            ? []
            : [
                {
                  id: "fold",
                  name: `${search.fold === "on" ? "Unfold" : "Fold"} ${plural(runs.total, "run")} of alike siblings`,
                },
              ]),
          { id: "within", name: "What stays in its service" },
          ...depths.map((depth) => ({ id: `depth ${depth}`, name: `From level ${depth + 1} down` })),
          ...skeleton.services.map((service) => ({ id: `service ${service}`, name: `Spans of ${service}` })),
        ]}
        onChange={(choice) => {
          if (choice === "fold") adjust({ fold: search.fold === "on" ? "off" : "on" });
          else if (choice !== "choose") collapse(choice);
        }}
      />
    </>
  );
}

/** What the colours stand for: service, kind, status, or any attribute that the trace has. */
function ColourSelect(props: { readonly waterfall: WaterfallState }): ReactElement {
  const { skeleton } = props.waterfall.tree;
  const { colour } = usePageSearch("trace");
  const adjust = useAdjust("trace");
  const startMs = nanoToMs(skeleton.startUnixNano);
  const range = absoluteRange({ startMs: startMs - 1, endMs: startMs + skeleton.durationNano / 1e6 + 1 });
  // The id as a word finds the spans of this trace only.
  const fields = useQuery(spanFieldsQuery({ ...range, text: skeleton.traceId }));
  const keys = (fields.data?.items ?? []).map(({ scope, key }) => `${scope}.${key}`);
  const all =
    colour === "" || colour === "kind" || colour === "status" || keys.includes(colour)
      ? keys
      : [colour, ...keys];
  return (
    <SelectField
      label="Colours"
      value={colour}
      choices={[
        { id: "", name: "By service" },
        { id: "kind", name: "By kind" },
        { id: "status", name: "By status" },
        ...all.map((key) => ({ id: key, name: `By ${key}` })),
      ]}
      onChange={(chosen) => adjust({ colour: chosen })}
    />
  );
}
