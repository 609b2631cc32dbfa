/** Paths about sets of spans: search for traces, and what `SpanAnalysis` answers. */
import type { SpanSelection } from "../../storage/span-analysis.ts";
import type { SpanFilter, SpanPart, StatusCodeName } from "../../storage/traces.ts";
import { checked, optional, steps, type Route } from "./answer.ts";
import type { Parameters } from "./parameters.ts";

const parts: readonly SpanPart[] = ["all", "entry", "root", "server", "client", "consumer", "database"];
const statuses: readonly StatusCodeName[] = ["Unset", "Ok", "Error"];

export const spanRoutes: readonly Route[] = [
  {
    pattern: "/api/traces",
    answer: (store, p, context) => {
      const search = {
        ...spanFilter(p),
        order: p.choice("order", ["newest", "slowest"], "newest"),
        limit: p.integer("limit", 100, 1, 1000),
        columns: p.fields("column", 20),
      };
      return checked(p, store.searchTraces.bind(store), search, context);
    },
  },
  {
    pattern: "/api/spans/groups",
    answer: (store, p, context) => {
      const bounds = { steps: steps(p), limit: p.integer("limit", 10, 1, 100) };
      return checked(p, store.spanGroups.bind(store), spanFilter(p), p.fields("by", 1)[0], bounds, context);
    },
  },
  {
    pattern: "/api/spans/heatmap",
    answer: (store, p, context) =>
      checked(p, store.durationHeatmap.bind(store), spanFilter(p), steps(p), context),
  },
  {
    pattern: "/api/spans/compare",
    answer: (store, p, context) =>
      checked(p, store.compareSpans.bind(store), spanFilter(p), spanSelection(p), context),
  },
  {
    pattern: "/api/spans/structure",
    answer: (store, p, context) => checked(p, store.traceStructure.bind(store), spanFilter(p), context),
  },
  {
    pattern: "/api/spans/exceptions",
    answer: (store, p, context) => checked(p, store.exceptions.bind(store), spanFilter(p), steps(p), context),
  },
  {
    pattern: "/api/spans/fields",
    answer: (store, p, context) => checked(p, store.spanFields.bind(store), spanFilter(p), context),
  },
];

function spanFilter(p: Parameters): SpanFilter {
  return {
    window: p.window(),
    ...optional("spans", p.choice("spans", parts)),
    ...optional("service", p.text("service")),
    ...optional("operation", p.text("operation")),
    ...optional("minDurationNano", p.durationNano("minDuration")),
    ...optional("maxDurationNano", p.durationNano("maxDuration")),
    ...optional("status", p.choice("status", statuses)),
    ...optional("text", p.text("text")),
    attributes: p.attributes(),
  };
}

function spanSelection(p: Parameters): SpanSelection {
  const selection = {
    ...optional("startMs", p.instant("selectFrom")),
    ...optional("endMs", p.instant("selectTo")),
    ...optional("minDurationNano", p.durationNano("selectMin")),
    ...optional("maxDurationNano", p.durationNano("selectMax")),
    ...optional("status", p.choice("selectStatus", statuses)),
  };
  if (Object.keys(selection).length === 0) {
    p.problems.push(
      "nothing is selected: give one or more of selectFrom, selectTo, selectMin, selectMax, selectStatus",
    );
  }
  return selection;
}
