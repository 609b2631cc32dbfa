/** Questions about sets of spans: what they have in common and where they differ. */
import type {
  DurationHeatmap,
  ExceptionGroup,
  FieldUse,
  Page,
  SpanComparison,
  SpanDetail,
  LinkingSpan,
  SpanGroups,
  TraceField,
  TraceStructure,
} from "../../../src/api/explore/wire.ts";
import { question, type Question, type WindowParameters } from "./queries.ts";

/** Asked again at most that often while data comes in: these read whole windows. */
const aggregateMs = 6000;

export function spanGroupsQuery(parameters: WindowParameters): Question<SpanGroups> {
  return question("api/spans/groups", parameters, ["traces"], aggregateMs);
}

export function heatmapQuery(parameters: WindowParameters): Question<DurationHeatmap> {
  return question("api/spans/heatmap", parameters, ["traces"], aggregateMs);
}

const latencySteps = 90;

/** How long the requests of a service took over time. */
export function latencyQuery(range: WindowParameters, service: string): Question<DurationHeatmap> {
  const { from, to } = range;
  return heatmapQuery({ from, to, service, spans: "entry", steps: latencySteps });
}

/** Not asked again by itself: a ranking that moves under the reader is no help. */
export function comparisonQuery(parameters: WindowParameters): Question<SpanComparison> {
  return question("api/spans/compare", parameters, []);
}

export function structureQuery(parameters: WindowParameters): Question<TraceStructure> {
  return question("api/spans/structure", parameters, []);
}

export function exceptionsQuery(parameters: WindowParameters): Question<Page<ExceptionGroup>> {
  return question("api/spans/exceptions", parameters, ["traces"], aggregateMs);
}

export function spanFieldsQuery(parameters: WindowParameters): Question<Page<FieldUse>> {
  return question("api/spans/fields", parameters, []);
}

/** `by`: the field as the API writes it. */
export function traceFieldQuery(traceId: string, by: string): Question<TraceField> {
  return question(`api/traces/${encodeURIComponent(traceId)}/field`, { by }, []);
}

export function linkingSpansQuery(traceId: string): Question<Page<LinkingSpan>> {
  return question(`api/traces/${encodeURIComponent(traceId)}/links`, {}, []);
}

/** Details of at most 200 spans. */
export function spansQuery(traceId: string, spanIds: readonly string[]): Question<readonly SpanDetail[]> {
  return question(`api/traces/${encodeURIComponent(traceId)}/spans`, { id: spanIds }, []);
}

/** One span as OTLP/JSON. */
export function otlpQuery(traceId: string, spanId: string): Question<unknown> {
  return question(`api/traces/${encodeURIComponent(traceId)}/otlp`, { id: spanId }, []);
}
