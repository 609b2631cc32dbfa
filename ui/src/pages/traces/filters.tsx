import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { operationsQuery, serviceSteps } from "../../client/queries.ts";
import { SelectField, TextField } from "../../design/controls.tsx";
import { AttributeChips, AttributeInput } from "../../panels/filters/attribute-chips.tsx";
import { ServiceSelect } from "../../panels/filters/service-select.tsx";
import { useAdjust, usePageSearch, useTimeRange } from "../../url/location.ts";
import { durationProblem } from "./model.ts";
import { useListPainted } from "./use-list-painted.ts";

export function TraceFilters(): ReactElement {
  const search = usePageSearch("traces");
  const adjust = useAdjust("traces");
  const range = useTimeRange();
  const operations = useQuery({
    ...operationsQuery({ ...range, service: search.service, steps: serviceSteps }),
    enabled: useListPainted(),
  });
  const names = [...new Set((operations.data?.items ?? []).map((operation) => operation.name))].slice(0, 300);
  const minProblem = durationProblem(search.min);
  const maxProblem = durationProblem(search.max);
  return (
    <div className="filters" role="search" aria-label="Filter traces">
      <div className="filter-row">
        <TextField
          className="grow-2"
          label="Text"
          isSearch
          value={search.text}
          placeholder="Words in names, messages, values"
          onCommit={(text) => adjust({ text })}
        />
        <ServiceSelect
          range={range}
          value={search.service}
          onChange={(service) => adjust({ service, operation: "" })}
        />
        <TextField
          className="grow-2"
          label="Operation"
          value={search.operation}
          placeholder="Any span name"
          list={names}
          onCommit={(operation) => adjust({ operation })}
        />
        <SelectField
          label="Spans"
          value={search.spans}
          choices={[
            { id: "", name: "All spans" },
            { id: "entry", name: "Requests" },
            { id: "root", name: "Roots" },
            { id: "server", name: "Server" },
            { id: "client", name: "Client" },
            { id: "consumer", name: "Consumer" },
            { id: "database", name: "Database calls" },
          ]}
          onChange={(spans) => adjust({ spans })}
        />
        <SelectField
          label="Status"
          value={search.status}
          choices={[
            { id: "", name: "Any status" },
            { id: "Error", name: "Error" },
            { id: "Ok", name: "Ok" },
            { id: "Unset", name: "Unset" },
          ]}
          onChange={(status) => adjust({ status })}
        />
        <TextField
          className="duration-field"
          label="At least"
          value={search.min}
          placeholder="100ms"
          onCommit={(min) => adjust({ min: min.trim() })}
          {...(minProblem === undefined ? {} : { problem: minProblem })}
        />
        <TextField
          className="duration-field"
          label="At most"
          value={search.max}
          placeholder="2s"
          onCommit={(max) => adjust({ max: max.trim() })}
          {...(maxProblem === undefined ? {} : { problem: maxProblem })}
        />
        <AttributeInput filters={search.attr} onChange={(attr) => adjust({ attr })} />
      </div>
      {minProblem === undefined && maxProblem === undefined ? null : (
        <p className="error-text" role="alert">
          Duration not used: {minProblem ?? maxProblem}
        </p>
      )}
      <AttributeChips filters={search.attr} onChange={(attr) => adjust({ attr })} />
    </div>
  );
}
