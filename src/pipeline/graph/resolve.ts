/**
 * First step from a configuration to a running graph: finds the factory of every configured component and decodes its section. Components that
 * no pipeline uses are checked, too.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { hasErrors } from "../../base/diagnostic.ts";
import { nearestName } from "../../base/nearest.ts";
import type { SourceRange } from "../../base/source-range.ts";
import { printComponentId } from "../component-id.ts";
import type { ComponentId } from "../component-id.ts";
import type { AnyFactory, ComponentKind, Factory } from "../component.ts";
import type { ConfiguredComponent, PipelineModel } from "../model.ts";
import { decodeSection } from "../settings/decode.ts";
import { goList } from "./names.ts";

/** A configured component with its factory and checked configuration. */
export interface ResolvedComponent {
  readonly id: ComponentId;
  readonly factory: Factory;
  readonly config: unknown;
  readonly range?: SourceRange;
}

/** By printed id; a component that could not be resolved is `undefined`, so that references to it are not reported again. */
type ResolvedKind = ReadonlyMap<string, ResolvedComponent | undefined>;

export interface ResolvedModel {
  readonly receiver: ResolvedKind;
  readonly processor: ResolvedKind;
  readonly exporter: ResolvedKind;
  readonly connector: ResolvedKind;
  readonly extension: ResolvedKind;
}

/** Names of the model's lists and configuration sections. */
export const sectionNames: {
  readonly receiver: "receivers";
  readonly processor: "processors";
  readonly exporter: "exporters";
  readonly connector: "connectors";
  readonly extension: "extensions";
} = {
  receiver: "receivers",
  processor: "processors",
  exporter: "exporters",
  connector: "connectors",
  extension: "extensions",
};

export function resolveModel(
  model: PipelineModel,
  factories: readonly AnyFactory[],
  report: (diagnostic: Diagnostic) => void,
): ResolvedModel {
  const kind = (name: ComponentKind): ResolvedKind =>
    resolveKind(
      name,
      model[sectionNames[name]],
      // `defineFactory` hid the configuration's type; what the factory's own section decodes is what its `create` takes.
      (factories as readonly unknown[] as readonly Factory[]).filter((factory) => factory.kind === name),
      report,
    );
  return {
    receiver: kind("receiver"),
    processor: kind("processor"),
    exporter: kind("exporter"),
    connector: kind("connector"),
    extension: kind("extension"),
  };
}

function resolveKind(
  kind: ComponentKind,
  components: readonly ConfiguredComponent[],
  factories: readonly Factory[],
  report: (diagnostic: Diagnostic) => void,
): ResolvedKind {
  const result = new Map<string, ResolvedComponent | undefined>();
  for (const component of components) {
    const id = printComponentId(component.id);
    const factory = findFactory(kind, component, factories, report);
    result.set(id, factory === undefined ? undefined : resolveComponent(component, factory, report));
  }
  return result;
}

function resolveComponent(
  component: ConfiguredComponent,
  factory: Factory,
  report: (diagnostic: Diagnostic) => void,
): ResolvedComponent | undefined {
  const id = printComponentId(component.id);
  const section = sectionNames[factory.kind];
  const { value, diagnostics } = decodeSection(factory.config, component.node, `${section}.${id}`);
  for (const diagnostic of diagnostics) report(withPlace(diagnostic, component.range));
  if (hasErrors(diagnostics)) return undefined;
  const problems = factory.check?.(value, component.node, `${section}::${id}`) ?? [];
  for (const problem of problems) report(withPlace(problem, component.range));
  if (hasErrors(problems)) return undefined;
  const place = component.range === undefined ? {} : { range: component.range };
  return { id: component.id, factory, config: value, ...place };
}

/** A problem without a place of its own is shown at the component's name. */
function withPlace(diagnostic: Diagnostic, range: SourceRange | undefined): Diagnostic {
  return diagnostic.range !== undefined || range === undefined ? diagnostic : { ...diagnostic, range };
}

function findFactory(
  kind: ComponentKind,
  { id, range }: ConfiguredComponent,
  factories: readonly Factory[],
  report: (diagnostic: Diagnostic) => void,
): Factory | undefined {
  const place = range === undefined ? {} : { range };
  const exact = factories.find((factory) => factory.type === id.type);
  if (exact !== undefined) return exact;
  for (const factory of factories) {
    const alias = factory.aliases?.find((candidate) => candidate.name === id.type);
    if (alias === undefined) continue;
    if (alias.deprecated) {
      const message = `"${alias.name}" alias is deprecated; use "${factory.type}" instead`;
      const renamed = printComponentId({ type: factory.type, name: id.name });
      const hint = `rename ${printComponentId(id)} to ${renamed}, also where pipelines list it`;
      report({ severity: "warning", code: "deprecated-alias", message, hint, ...place });
    }
    return factory;
  }
  if (kind === "exporter" && id.type === "logging") {
    const message = "the logging exporter has been deprecated, use the debug exporter instead";
    report({ severity: "error", code: "unknown-component", message, hint: "rename it to debug", ...place });
    return undefined;
  }
  const known = factories.map((factory) => factory.type).sort();
  const near = nearestName(id.type, [...known, ...factories.flatMap(aliasNames)]);
  report({
    severity: "error",
    code: "unknown-component",
    message: `cannot use ${kind} "${printComponentId(id)}": unknown type: "${id.type}" for id: "${printComponentId(id)}" (valid values: ${goList(known)})`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    ...place,
  });
  return undefined;
}

function aliasNames(factory: Factory): string[] {
  return (factory.aliases ?? []).map((alias) => alias.name);
}
