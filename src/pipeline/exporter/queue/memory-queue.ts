/**
 * The in-memory queue in front of a sender (core exporterhelper/internal/queuebatch): bounded by size, drained by a number of consumers,
 * optionally joining what waits into batches. A batch counts against `queue_size` until it was sent or given up, so memory is bounded
 * and nothing that was accepted is forgotten. Batches of different tenants are never joined.
 */
import type { Cancel, Clock } from "../../../base/clock.ts";
import { Batch } from "../../../telemetry/batch.ts";
import { batchSizer } from "../../settings/queue.ts";
import type { QueueBatchConfig, QueueConfig } from "../../settings/queue.ts";
import { Admission } from "./admission.ts";
import type { ExporterQueue, SendBatch } from "./queue.ts";
import { sizeOf, splitBySize } from "./sizer.ts";

/** One accepted batch; settled when its last part was sent. */
interface Entry {
  readonly size: number;
  parts: number;
  error: unknown;
  readonly settle: ((error: unknown) => void) | undefined;
}

/** What goes out in one send. */
interface Part {
  readonly batch: Batch;
  readonly entries: readonly Entry[];
}

interface Partition {
  parts: Part[];
  size: number;
  cancelFlush: Cancel | undefined;
}

export interface MemoryQueueOptions {
  readonly config: QueueConfig;
  readonly clock: Clock;
  readonly send: SendBatch;
}

export class MemoryQueue implements ExporterQueue {
  /** Sends under way. */
  inFlight = 0;
  private readonly options: MemoryQueueOptions;
  private readonly ready: Part[] = [];
  private readonly partitions = new Map<string, Partition>();
  private readonly admission: Admission;
  private onIdle: (() => void) | undefined;
  private isStopped = false;

  constructor(options: MemoryQueueOptions) {
    this.options = options;
    this.admission = new Admission(options.config);
  }

  get size(): number {
    return this.admission.size;
  }

  /** A consumer has nothing to send: what is offered now is sent at once, or collected into the next batch. */
  get isHungry(): boolean {
    return this.ready.length === 0 && this.inFlight < this.options.config.num_consumers;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async offer(batch: Batch): Promise<void> {
    const { config } = this.options;
    const size = sizeOf(config.sizer, batch);
    const room = this.admission.take(size);
    if (room !== undefined) await room;
    if (!config.wait_for_result) {
      this.accept(batch, { size, parts: 1, error: undefined, settle: undefined });
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const settle = (error: unknown): void => (error === undefined ? resolve() : reject(error));
      this.accept(batch, { size, parts: 1, error: undefined, settle });
    });
  }

  async drain(): Promise<void> {
    this.isStopped = true;
    this.admission.stop();
    for (const key of this.partitions.keys()) this.flush(key);
    if (this.inFlight === 0 && this.ready.length === 0) return;
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
  }

  private accept(batch: Batch, entry: Entry): void {
    const { batch: batching } = this.options.config;
    if (batching === undefined) this.enqueue({ batch, entries: [entry] });
    else this.collect(batching, { batch, entries: [entry] });
  }

  private collect(batching: QueueBatchConfig, part: Part): void {
    const key = partitionKey(part.batch, batching.partition.metadata_keys);
    let partition = this.partitions.get(key);
    if (partition === undefined) {
      partition = { parts: [], size: 0, cancelFlush: undefined };
      this.partitions.set(key, partition);
    }
    partition.parts.push(part);
    partition.size += sizeOf(batchSizer(this.options.config), part.batch);
    if (partition.size >= batching.min_size || this.isStopped) this.flush(key);
    else {
      partition.cancelFlush ??= this.options.clock.schedule(batching.flush_timeout, () => this.flush(key));
    }
  }

  /** Joins what a partition holds, cuts it at max_size and hands it to the consumers; a small rest waits on unless all must go. */
  private flush(key: string): void {
    const { config } = this.options;
    const partition = this.partitions.get(key);
    if (partition === undefined || config.batch === undefined) return;
    this.partitions.delete(key);
    partition.cancelFlush?.();
    const sizer = batchSizer(config);
    const isFull = partition.size >= config.batch.min_size && !this.isStopped;
    const entries = [...new Set(partition.parts.flatMap((part) => part.entries))];
    const joined = Batch.concat(partition.parts.map((part) => part.batch));
    const batches = splitBySize(sizer, joined, config.batch.max_size);
    // The joined parts end here; each new part holds every entry, since a cut may go through any of them.
    for (const part of partition.parts) for (const entry of part.entries) entry.parts--;
    for (const entry of entries) entry.parts += batches.length;
    for (const [at, batch] of batches.entries()) {
      const isRest = at > 0 && at === batches.length - 1 && sizeOf(sizer, batch) < config.batch.min_size;
      if (isRest && isFull) this.collect(config.batch, { batch, entries });
      else this.enqueue({ batch, entries });
    }
  }

  private enqueue(part: Part): void {
    this.ready.push(part);
    this.pump();
  }

  private pump(): void {
    while (this.inFlight < this.options.config.num_consumers) {
      const part = this.ready.shift();
      if (part === undefined) break;
      this.inFlight++;
      void this.sendPart(part);
    }
    if (this.inFlight === 0 && this.ready.length === 0) this.onIdle?.();
  }

  private async sendPart(part: Part): Promise<void> {
    let failure: unknown;
    try {
      await this.options.send(part.batch);
    } catch (error) {
      failure = error;
    }
    this.inFlight--;
    for (const entry of part.entries) {
      entry.parts--;
      entry.error ??= failure;
      if (entry.parts > 0) continue;
      this.admission.give(entry.size);
      entry.settle?.(entry.error);
    }
    this.pump();
  }
}

function partitionKey(batch: Batch, metadataKeys: readonly string[]): string {
  const { tenant, metadata } = batch.context;
  if (metadataKeys.length === 0) return tenant;
  return JSON.stringify([tenant, ...metadataKeys.map((key) => metadata?.get(key.toLowerCase()) ?? null)]);
}
