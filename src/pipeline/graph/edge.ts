/**
 * A link of the running graph: passes batches on, counts them, and lets somebody look. Counts follow the Collector's universal pipeline telemetry
 * (docs/rfcs/component-universal-telemetry.md): success, failure (the receiving component's own error) and refused (an error from further
 * down). Without an observer a batch costs two additions and two comparisons. Of a batch that is
 * sampled for own traces, what the receiving component does is a step of its own.
 */
import type { Batch } from "../../telemetry/batch.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { printComponentId } from "../component-id.ts";
import type { Consumer, Counter, Meters } from "../component.ts";
import { noteCounted, wasCounted } from "./blame.ts";
import type { PlanLink, PlanNode } from "./plan-node.ts";

/** Called with each batch before the receiving component gets it. The batch is lent for the call: keep a `clone()`, not the batch. */
export type EdgeObserver = (batch: Batch) => void;

interface EdgeCounts {
  /** Items passed on. */
  readonly items: number;
  /** Items that the receiving component failed on. */
  readonly failedItems: number;
  /** Items that something behind the receiving component refused. */
  readonly refusedItems: number;
  readonly batches: number;
}

/** What a live graph shows of a link and can do with it. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly signal: Signal;
  readonly pipeline: string;
  readonly counts: EdgeCounts;
  /** Watches what passes until the function returned is called. */
  observe(observer: EdgeObserver): () => void;
}

export class EdgeConsumer implements Consumer, Edge {
  readonly mutatesBatch: boolean;
  readonly from: string;
  readonly to: string;
  readonly signal: Signal;
  readonly pipeline: string;
  readonly counts: { items: number; failedItems: number; refusedItems: number; batches: number } = {
    items: 0,
    failedItems: 0,
    refusedItems: 0,
    batches: 0,
  };
  private readonly target: Consumer;
  /** What own traces call the receiving component. */
  private readonly step: string;
  private readonly success: readonly Counter[];
  private readonly failure: readonly Counter[];
  private readonly refused: readonly Counter[];
  private readonly passing: readonly Counter[];
  private observers: readonly EdgeObserver[] | undefined;

  /** `isFirst`: of the edges that leave `link.from` with the same batches, this one counts what it sends. */
  constructor(link: PlanLink, target: Consumer, mutatesBatch: boolean, metrics: Meters, isFirst = true) {
    this.target = target;
    this.mutatesBatch = mutatesBatch;
    this.from = link.from.key;
    this.to = link.to.key;
    this.step = `${link.to.kind} ${printComponentId(link.to.component.id)}`;
    this.signal = link.signal;
    this.pipeline = link.pipeline;
    const produced = (outcome: string): Counter => itemCounter(metrics, link.from, link, "produced", outcome);
    const consumed = (outcome: string): Counter => itemCounter(metrics, link.to, link, "consumed", outcome);
    this.success = [produced("success"), consumed("success")];
    this.failure = [produced("refused"), consumed("failure")];
    this.refused = [produced("refused"), consumed("refused")];
    this.passing = [
      ...(link.to.kind === "processor" ? [processorCounter(metrics, link.to, link, "incoming")] : []),
      ...(link.from.kind === "processor" && isFirst
        ? [processorCounter(metrics, link.from, link, "outgoing")]
        : []),
    ];
  }

  async consume(batch: Batch): Promise<void> {
    // Taken first: the receiving component may change the batch.
    const items = batch.itemCount;
    for (const counter of this.passing) counter.add(items);
    if (this.observers !== undefined) this.show(batch);
    const work = batch.context.work?.child(this.step);
    try {
      await this.target.consume(work === undefined ? batch : batch.clone({ ...batch.context, work }));
      work?.end();
      this.counts.items += items;
      for (const counter of this.success) counter.add(items);
    } catch (error) {
      work?.end(error);
      const isKnown = wasCounted(error);
      noteCounted(error);
      if (isKnown) this.counts.refusedItems += items;
      else this.counts.failedItems += items;
      for (const counter of isKnown ? this.refused : this.failure) counter.add(items);
      throw error;
    } finally {
      this.counts.batches++;
    }
  }

  observe(observer: EdgeObserver): () => void {
    this.observers = [...(this.observers ?? []), observer];
    return () => {
      const left = (this.observers ?? []).filter((candidate) => candidate !== observer);
      this.observers = left.length === 0 ? undefined : left;
    };
  }

  private show(batch: Batch): void {
    for (const observer of this.observers ?? []) {
      try {
        observer(batch);
      } catch {
        // Looking must never stop what is looked at; an observer that throws is dropped.
        this.observers = (this.observers ?? []).filter((candidate) => candidate !== observer);
      }
    }
  }
}

/** The Collector's older count of what enters and leaves a processor (core processor/processorhelper). */
function processorCounter(
  metrics: Meters,
  node: PlanNode,
  link: PlanLink,
  direction: "incoming" | "outgoing",
): Counter {
  const labels = { processor: printComponentId(node.component.id), otel_signal: link.signal };
  const doc = `Number of items ${direction === "incoming" ? "passed to" : "emitted from"} the processor.`;
  return metrics.counter(`otelcol_processor_${direction}_items`, labels, doc, "{items}");
}

function itemCounter(
  metrics: Meters,
  node: PlanNode,
  link: PlanLink,
  verb: "produced" | "consumed",
  outcome: string,
): Counter {
  const labels = {
    otelcol_component_id: printComponentId(node.component.id),
    otelcol_component_kind: node.kind,
    otelcol_component_outcome: outcome,
    otelcol_signal: link.signal,
    ...(node.kind === "processor" ? { otelcol_pipeline_id: link.pipeline } : {}),
  };
  const doc = `Number of items ${verb === "produced" ? "emitted from" : "passed to"} the ${node.kind}.`;
  return metrics.counter(`otelcol_${node.kind}_${verb}_items`, labels, doc, "{item}");
}
