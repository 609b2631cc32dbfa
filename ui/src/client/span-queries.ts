/** Questions about sets of spans: what they have in common and where they differ. */
import type {
  DurationHeatmap,
  ExceptionGroup,
  FieldUse,
  Page,
  SpanComparison,
  SpanGroups,
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
