/** Makes the components of a plan and joins them by edges; nothing starts yet. */
import type { Signal } from "../../telemetry/signal.ts";
import { OtelierError, messageOf } from "../../base/error.ts";
import { printComponentId } from "../component-id.ts";
import type { ComponentId } from "../component-id.ts";
import type { Component, ComponentKind, ComponentSettings, Consumer, Extension } from "../component.ts";
import { EdgeConsumer } from "./edge.ts";
import type { Edge } from "./edge.ts";
import { fanOut } from "./fanout.ts";
import type { GraphPlan, PlanNode } from "./plan.ts";
import type { ResolvedComponent } from "./resolve.ts";

/** A made component and how messages call it. */
export interface BuiltComponent {
  readonly kind: ComponentKind;
  readonly id: ComponentId;
  readonly key: string;
  readonly component: Component;
}

export interface BuiltGraph {
  readonly extensions: readonly (BuiltComponent & { readonly component: Extension })[];
  /** In the order of starting: each after all that it feeds, receivers last. */
  readonly components: readonly BuiltComponent[];
  readonly edges: readonly Edge[];
}

/** Settings of one component; `signal` and `pipeline` for its log lines. */
export type SettingsFor = (
  kind: ComponentKind,
  id: ComponentId,
  place: { readonly signal?: Signal; readonly pipeline?: string },
) => ComponentSettings;

interface Stage {
  readonly consumer: Consumer;
  /** This stage or one behind it changes the batch it is given. */
  readonly mutatesBatch: boolean;
}

/** Throws a permanent OtelierError that names the component whose `create` failed. */
export function buildGraph(plan: GraphPlan, settingsFor: SettingsFor): BuiltGraph {
  const components: BuiltComponent[] = [];
  const edges: EdgeConsumer[] = [];
  const stages = new Map<PlanNode, Stage>();
  const extensions = plan.extensions.map((component) => buildExtension(component, settingsFor));

  const nextOf = (node: PlanNode, settings: ComponentSettings, signal: Signal): Consumer => {
    const links = plan.links.filter((link) => link.from === node && link.signal === signal);
    const own = links.map((link, at) => {
      const stage = stageOf(link.to);
      const edge = new EdgeConsumer(link, stage.consumer, stage.mutatesBatch, settings.metrics, at === 0);
      edges.push(edge);
      return edge;
    });
    return fanOut(own);
  };

  const stageOf = (node: PlanNode): Stage => {
    const known = stages.get(node);
    if (known !== undefined) return known;
    const stage = buildStage(node);
    stages.set(node, stage);
    return stage;
  };

  const buildStage = (node: PlanNode): Stage => {
    const { factory, id, config } = node.component;
    const place = node.pipeline === undefined ? {} : { pipeline: node.pipeline };
    const settings = settingsFor(node.kind, id, { signal: node.input, ...place });
    return creating(node.key, () => {
      if (factory.kind === "exporter") {
        const component = supported(factory.signals[node.input]).create(settings, config);
        components.push({ kind: "exporter", id, key: node.key, component });
        return { consumer: component, mutatesBatch: component.mutatesBatch };
      }
      const next = nextOf(node, settings, node.output);
      const component =
        factory.kind === "connector"
          ? supported(factory.pairs[`${node.input}->${node.output}`]).create(settings, config, next)
          : factory.kind === "processor"
            ? supported(factory.signals[node.input]).create(settings, config, next)
            : undefined;
      if (component === undefined) throw new TypeError(`a ${factory.kind} cannot be fed`);
      components.push({ kind: node.kind, id, key: node.key, component });
      // A connector makes batches of its own, or is an exporter that passes on what it got; both are covered by its own word.
      const isThrough = node.kind === "processor" || node.input === node.output;
      return {
        consumer: component,
        mutatesBatch: component.mutatesBatch || (isThrough && next.mutatesBatch),
      };
    });
  };

  for (const node of plan.nodes) if (node.kind !== "receiver") stageOf(node);
  for (const node of plan.nodes) {
    const { factory, id, config } = node.component;
    if (factory.kind !== "receiver") continue;
    const settings = settingsFor("receiver", id, {});
    const used = new Set(plan.links.flatMap((link) => (link.from === node ? [link.signal] : [])));
    const next = Object.fromEntries([...used].map((signal) => [signal, nextOf(node, settings, signal)]));
    const component = creating(node.key, () => factory.create(settings, config, next));
    components.push({ kind: "receiver", id, key: node.key, component });
  }
  return { extensions, components, edges };
}

function buildExtension(
  { factory, id, config }: ResolvedComponent,
  settingsFor: SettingsFor,
): BuiltGraph["extensions"][number] {
  if (factory.kind !== "extension") throw new TypeError(`"${factory.type}" is no extension`);
  const key = `extension ${printComponentId(id)}`;
  const component = creating(key, () => factory.create(settingsFor("extension", id, {}), config));
  return { kind: "extension", id, key, component };
}

function supported<T>(entry: T | undefined): T {
  if (entry === undefined) throw new TypeError("the signal is not supported");
  return entry;
}

function creating<T>(key: string, create: () => T): T {
  try {
    return create();
  } catch (cause) {
    // The innermost component is the one at fault; those that feed it only pass the error on.
    if (cause instanceof OtelierError && cause.code === "component-create") throw cause;
    const message = `cannot create ${key}: ${messageOf(cause)}`;
    throw new OtelierError(message, { code: "component-create", outcome: "permanent", cause });
  }
}
