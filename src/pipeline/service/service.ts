/**
 * A configuration that runs: builds the graph, starts it from its ends to its receivers, and stops it from the receivers on, so that what is inside
 * flows out. Reloading is stopping one service and starting another.
 */
import type { Clock } from "../../base/clock.ts";
import type { Parsed } from "../../base/diagnostic.ts";
import { hasErrors } from "../../base/diagnostic.ts";
import { OtelierError, messageOf } from "../../base/error.ts";
import type { Random } from "../../base/random.ts";
import { printComponentId } from "../component-id.ts";
import type { AnyFactory, ComponentSettings, Extension, Host, Tracer } from "../component.ts";
import { buildGraph } from "../graph/build.ts";
import type { BuiltComponent, BuiltGraph } from "../graph/build.ts";
import type { Edge } from "../graph/edge.ts";
import { planGraph } from "../graph/plan.ts";
import type { GraphPlan } from "../graph/plan.ts";
import type { ComponentLog } from "../log/log.ts";
import type { PipelineModel } from "../model.ts";
import type { MetricRegistry } from "../self-metrics/registry.ts";

export interface ServiceOptions {
  readonly log: ComponentLog;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
  /** Own traces; none when absent. */
  readonly tracer?: Tracer;
}

export interface Service {
  /** The running graph, for live views. */
  readonly edges: readonly Edge[];
  readonly plan: GraphPlan;
  /** A started extension, by the id as configured. */
  extension(id: string): Extension | undefined;
  /** Rejects with what failed, named, after stopping what had started. */
  start(): Promise<void>;
  /** Flushes and stops everything; errors of single components are logged and do not stop the rest. Safe to call twice. */
  shutdown(): Promise<void>;
  /** Resolves when a component reports a failure that it cannot recover from. */
  readonly failure: Promise<Error>;
}

/** Checks a configuration and makes its service; undefined when a diagnostic is an error. */
export function createService(
  model: PipelineModel,
  factories: readonly AnyFactory[],
  options: ServiceOptions,
): Parsed<Service | undefined> {
  const { value: plan, diagnostics } = planGraph(model, factories);
  if (hasErrors(diagnostics)) return { value: undefined, diagnostics };
  try {
    return { value: assemble(plan, options), diagnostics };
  } catch (error) {
    const message = messageOf(error);
    return {
      value: undefined,
      diagnostics: [...diagnostics, { severity: "error", code: "component-create", message }],
    };
  }
}

function assemble(plan: GraphPlan, options: ServiceOptions): Service {
  const { log, metrics, clock, random, userAgent, tracer } = options;
  const settingsFor = (
    kind: ComponentSettings["kind"],
    id: ComponentSettings["id"],
    place: { readonly signal?: string; readonly pipeline?: string },
  ): ComponentSettings => ({
    id,
    kind,
    log: log.child({
      "otelcol.component.id": printComponentId(id),
      "otelcol.component.kind": kind,
      ...(place.signal === undefined ? {} : { "otelcol.signal": place.signal }),
      ...(place.pipeline === undefined ? {} : { "otelcol.pipeline.id": place.pipeline }),
    }),
    metrics,
    clock,
    random,
    userAgent,
    ...(tracer === undefined ? {} : { tracer }),
  });
  const graph = buildGraph(plan, settingsFor);
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const running = new Map<string, Extension>();
  const host: Host = {
    extension: (id) => running.get(printComponentId(id)),
    fail: (id, error) =>
      fail(new Error(`"${printComponentId(id)}" failed: ${error.message}`, { cause: error })),
  };
  const started: BuiltComponent[] = [];
  let stopping: Promise<void> | undefined;
  const shutdown = (): Promise<void> => {
    stopping ??= stop(graph, started, options);
    return stopping;
  };
  return {
    edges: graph.edges,
    plan,
    failure,
    extension: (id) => running.get(id),
    shutdown,
    start: async () => {
      for (const built of [...graph.extensions, ...graph.components]) {
        started.push(built);
        try {
          await built.component.start(host);
        } catch (cause) {
          await shutdown();
          const message = `cannot start ${built.key}: ${messageOf(cause)}`;
          throw new OtelierError(message, { code: "component-start", outcome: "permanent", cause });
        }
        if (built.kind === "extension") running.set(printComponentId(built.id), built.component);
      }
      for (const { component } of graph.extensions) component.pipelinesReady?.();
    },
  };
}

async function stop(
  graph: BuiltGraph,
  started: readonly BuiltComponent[],
  { log }: ServiceOptions,
): Promise<void> {
  for (const { component } of graph.extensions) component.pipelinesStopping?.();
  for (const built of started.toReversed()) {
    try {
      await built.component.shutdown();
    } catch (error) {
      log.error(`Cannot stop ${built.key}.`, { error: messageOf(error) });
    }
  }
}
