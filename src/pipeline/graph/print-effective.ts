import { printComponentId } from "../component-id.ts";
import type { AnyFactory, ComponentKind } from "../component.ts";
import type { ComponentReference, PipelineModel } from "../model.ts";
import { printConfig, printNode } from "../settings/print.ts";
import type { PlainMap, PlainValue, PrintConfigOptions } from "../settings/print.ts";
import { pipelineName } from "./names.ts";
import { resolveModel, sectionNames } from "./resolve.ts";

const kinds: readonly ComponentKind[] = ["receiver", "processor", "exporter", "connector", "extension"];

/**
 * A configuration as it takes effect: every component with all its options, defaults included, secrets redacted unless asked for. Components
 * that cannot be read are left out; the checks report them.
 */
export function printEffective(
  model: PipelineModel,
  factories: readonly AnyFactory[],
  options: PrintConfigOptions = {},
): PlainMap {
  const resolved = resolveModel(model, factories, () => {});
  const sections = kinds.flatMap((kind): [string, PlainValue][] => {
    const components = [...resolved[kind]].flatMap(([id, component]): [string, PlainValue][] =>
      component === undefined ? [] : [[id, printConfig(component.factory.config, component.config, options)]],
    );
    return components.length === 0 ? [] : [[sectionNames[kind], Object.fromEntries(components)]];
  });
  const list = (references: readonly ComponentReference[]): PlainValue =>
    references.map((reference) => printComponentId(reference.id));
  const pipelines = model.pipelines.map((pipeline): [string, PlainValue] => [
    pipelineName(pipeline),
    {
      receivers: list(pipeline.receivers),
      ...(pipeline.processors.length === 0 ? {} : { processors: list(pipeline.processors) }),
      exporters: list(pipeline.exporters),
    },
  ]);
  const written = printNode(model.telemetry);
  const telemetry = options.unredacted === true ? written : redactHeaders(written);
  const service: PlainMap = {
    ...(model.serviceExtensions.length === 0 ? {} : { extensions: list(model.serviceExtensions) }),
    pipelines: Object.fromEntries(pipelines),
    ...(telemetry === null ? {} : { telemetry }),
  };
  return { ...Object.fromEntries(sections), service };
}

/** `service.telemetry` is printed as written; headers of its exporters hold secrets, as a map or as a list of names and values. */
function redactHeaders(value: PlainValue, isSecret = false): PlainValue {
  if (value === null) return value;
  if (isPlainList(value)) return value.map((item) => redactHeaders(item, isSecret));
  if (typeof value !== "object") return isSecret ? "[REDACTED]" : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      redactHeaders(item, (isSecret && key !== "name") || key === "headers" || key === "headers_list"),
    ]),
  );
}

function isPlainList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
