import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { spanGroupsQuery } from "../../client/span-queries.ts";
import { Button } from "../../design/controls.tsx";
import { formatClock, formatDayClock } from "../../design/format.ts";
import { durationText } from "../../panels/charts/area-search.ts";
import { useAdjust, useGo, usePageSearch } from "../../url/location.ts";
import type { TracesSearch } from "../../url/pages.ts";
import { filterParameters, hasSelection, noSelection } from "./model.ts";
import { redSteps } from "./red.tsx";

/** The selection in words with the ways on from it; without one, the selections that one click makes. */
export function SelectionBar(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const go = useGo();
  const groups = useQuery(spanGroupsQuery({ ...filterParameters(search), steps: redSteps }));
  const total = groups.data?.groups[0];
  if (!hasSelection(search)) {
    return (
      <div className="selection-bar faint">
        <span>Drag over the durations to select spans, or take</span>
        <Button
          kind="quiet"
          className="inline-button"
          isDisabled={total === undefined}
          onPress={() => adjust({ ...noSelection, selMin: durationText(total?.p90Nano ?? 0, "min") })}
        >
          the slowest tenth
        </Button>
        <Button
          kind="quiet"
          className="inline-button"
          isDisabled={total === undefined || total.errorCount === 0}
          onPress={() => adjust({ ...noSelection, selStatus: "Error" })}
        >
          the failed
        </Button>
      </div>
    );
  }
  return (
    <div className="selection-bar" role="status">
      <span className="chip selection-chip">
        <span>
          <span className="soft">Selected</span> <span className="strong">{selectionWords(search)}</span>
        </span>
        <Button kind="quiet" icon="close" label="Remove selection" onPress={() => adjust(noSelection)} />
      </span>
      {search.tab === "comparison" ? null : (
        <Button kind="quiet" className="inline-button" onPress={() => adjust({ tab: "comparison" })}>
          Compare with the rest
        </Button>
      )}
      <Button
        kind="quiet"
        className="inline-button"
        onPress={() =>
          go("traces", {
            ...search,
            ...(search.selFrom === "" ? {} : { from: search.selFrom }),
            ...(search.selTo === "" ? {} : { to: search.selTo }),
            ...(search.selMin === "" ? {} : { min: search.selMin }),
            ...(search.selMax === "" ? {} : { max: search.selMax }),
            ...(search.selStatus === "" ? {} : { status: search.selStatus }),
            ...noSelection,
          })
        }
      >
        Make it the filter
      </Button>
    </div>
  );
}

function selectionWords(search: TracesSearch): string {
  const { selFrom, selTo, selMin, selMax, selStatus } = search;
  const words: string[] = [];
  if (selStatus === "Error") words.push("failed spans");
  else if (selStatus !== "") words.push(`status ${selStatus}`);
  if (selMin !== "" && selMax !== "") words.push(`${selMin} to ${selMax}`);
  else if (selMin !== "") words.push(`${selMin} and slower`);
  else if (selMax !== "") words.push(`${selMax} and faster`);
  if (selFrom !== "" && selTo !== "")
    words.push(`${formatDayClock(Number(selFrom))} – ${formatClock(Number(selTo))}`);
  else if (selFrom !== "") words.push(`since ${formatDayClock(Number(selFrom))}`);
  else if (selTo !== "") words.push(`until ${formatDayClock(Number(selTo))}`);
  return words.join(", ");
}
