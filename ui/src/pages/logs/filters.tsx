import type { ReactElement } from "react";
import { Button, SelectField, TextField } from "../../design/controls.tsx";
import { AttributeChips, AttributeInput } from "../../panels/filters/attribute-chips.tsx";
import { ServiceSelect } from "../../panels/filters/service-select.tsx";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import { PageLink } from "../../url/page-link.tsx";

const severityChoices = [
  { id: "", name: "Any severity" },
  { id: "trace", name: "Trace and above" },
  { id: "debug", name: "Debug and above" },
  { id: "info", name: "Info and above" },
  { id: "warn", name: "Warn and above" },
  { id: "error", name: "Error and above" },
  { id: "fatal", name: "Fatal" },
] as const;

export function LogFilters(): ReactElement {
  const search = usePageSearch("logs");
  const adjust = useAdjust("logs");
  const range = useTimeRange();
  return (
    <div className="filters" role="search" aria-label="Filter logs">
      <div className="filter-row">
        <TextField
          className="grow-2"
          label="Text"
          isSearch
          value={search.text}
          placeholder="Words in the body"
          onCommit={(text) => adjust({ text })}
        />
        <ServiceSelect range={range} value={search.service} onChange={(service) => adjust({ service })} />
        <SelectField
          label="Severity"
          value={search.severity}
          choices={severityChoices.map((choice) =>
            choice.id === "" ? choice : { ...choice, colour: `var(--severity-${choice.id})` },
          )}
          onChange={(severity) => adjust({ severity })}
        />
        <AttributeInput filters={search.attr} onChange={(attr) => adjust({ attr })} />
        <TextField
          className="trace-id-field"
          label="Trace id"
          value={search.trace}
          placeholder="32 hex characters"
          onCommit={(trace) => adjust({ trace: trace.trim().toLowerCase(), span: "" })}
        />
      </div>
      {search.trace === "" ? null : (
        <p className="soft filter-note">
          {search.span === ""
            ? "Logs of one trace, whatever the window."
            : "Logs of one span, whatever the window."}{" "}
          <PageLink page="trace" search={{ id: search.trace, span: search.span }}>
            Back to the trace
          </PageLink>
          {search.span === "" ? null : (
            <Button kind="quiet" className="inline-button" onPress={() => adjust({ span: "" })}>
              All spans of the trace
            </Button>
          )}
        </p>
      )}
      <AttributeChips filters={search.attr} onChange={(attr) => adjust({ attr })} />
    </div>
  );
}
