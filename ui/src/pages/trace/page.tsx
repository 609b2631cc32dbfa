import { type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { traceQuery } from "../../client/queries.ts";
import { TextField } from "../../design/controls.tsx";
import { PageHead } from "../../panels/page-head.tsx";
import { Answer, EmptyState } from "../../panels/states.tsx";
import { useGo, usePageSearch } from "../../url/location.ts";
import { TraceView } from "./trace-view.tsx";
import "./trace.css";
import "./views.css";

export function TracePage(): ReactElement {
  const search = usePageSearch("trace");
  const go = useGo();
  if (search.id === "") {
    return (
      <div className="page">
        <PageHead title="Trace" />
        <div className="state">
          <h2>Which trace?</h2>
          <p className="soft">
            Enter a trace id of 32 hexadecimal characters, or choose one on the Traces page.
          </p>
          <TextField
            className="id-field"
            label="Trace id"
            value=""
            isSearch
            placeholder="4bf92f3577b34da6a3ce929d0e0e4736"
            onCommit={(id) => go("trace", { id: id.trim().toLowerCase() })}
          />
        </div>
      </div>
    );
  }
  return <FoundTrace id={search.id} />;
}

function FoundTrace(props: { readonly id: string }): ReactElement {
  const trace = useQuery(traceQuery(props.id));
  if (trace.data?.trace !== undefined) return <TraceView key={props.id} skeleton={trace.data.trace} />;
  return (
    <div className="page">
      <PageHead title="Trace">
        <code className="faint">{props.id}</code>
      </PageHead>
      <Answer query={{ ...trace, isPlaceholderData: false }} what="trace" height={320}>
        {(answer) => <EmptyState reason={answer.empty} what="trace" />}
      </Answer>
    </div>
  );
}
