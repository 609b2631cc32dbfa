import { lazy, Suspense, type ReactElement } from "react";
import { Button } from "../../design/controls.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Loading } from "../../panels/states.tsx";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { TraceFilters } from "./filters.tsx";
import { FoundTraces } from "./found-traces.tsx";
import { isFiltered, noFilters, noSelection } from "./model.ts";
import { Red } from "./red.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { TraceTabs } from "./tabs.tsx";
import "./traces.css";

const Breakdown = lazy(async () => ({ default: (await import("./breakdown.tsx")).Breakdown }));
const Comparison = lazy(async () => ({ default: (await import("./comparison.tsx")).Comparison }));
const Structure = lazy(async () => ({ default: (await import("./structure.tsx")).Structure }));
const Exceptions = lazy(async () => ({ default: (await import("./exceptions.tsx")).Exceptions }));

/** Spans of the window as rate, errors and duration; below them the traces, or what the spans have in common and where they differ. */
export function TracesPage(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  return (
    <div className="page page-fixed traces-page">
      <PageHead title="Traces">
        <span className="grow" />
        {isFiltered(search) ? (
          <Button kind="quiet" icon="close" onPress={() => adjust({ ...noFilters, ...noSelection })}>
            Clear filters
          </Button>
        ) : null}
      </PageHead>
      <TraceFilters />
      <Red />
      <TraceTabs />
      <SelectionBar />
      <Suspense fallback={<Loading what="view" height={240} />}>
        <View tab={search.tab} />
      </Suspense>
    </div>
  );
}

function View(props: { readonly tab: ReturnType<typeof usePageSearch<"traces">>["tab"] }): ReactElement {
  switch (props.tab) {
    case "traces":
      return <FoundTraces />;
    case "breakdown":
      return <Breakdown />;
    case "comparison":
      return <Comparison />;
    case "structure":
      return <Structure />;
    case "exceptions":
      return <Exceptions />;
  }
}
