/**
 * A queue that survives: what is accepted is on disk (`sending_queue.storage`), and leaves it when it was sent or given up. Batches are read back as
 * consumers can take them, oldest first, so memory holds only what is being sent or joined. After a restart it goes on where it was: what was under
 * way is sent again, in its old place. Joining and sending is the in-memory queue's work.
 */
import type { Clock } from "../../../../base/clock.ts";
import { isPermanent, messageOf } from "../../../../base/error.ts";
import type { Batch } from "../../../../telemetry/batch.ts";
import type { Signal } from "../../../../telemetry/signal.ts";
import type { ComponentId } from "../../../component-id.ts";
import type { Host, Log, QueueStorage } from "../../../component.ts";
import { storageExtension } from "../../../storage-extension.ts";
import type { QueueConfig } from "../../../settings/queue.ts";
import { Admission } from "../admission.ts";
import { MemoryQueue } from "../memory-queue.ts";
import { refused, type ExporterQueue, type SendBatch } from "../queue.ts";
import { sizeOf } from "../sizer.ts";
import { QueueFiles, type Damage, type StoredBatch } from "./queue-files.ts";

export interface DiskQueueOptions {
  readonly config: QueueConfig & { readonly storage: ComponentId };
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: Signal;
  /** Whose queue it is; the same after a restart. */
  readonly owner: string;
  readonly send: SendBatch;
  readonly onDamage: (damage: Damage) => void;
}

export class DiskQueue implements ExporterQueue {
  private readonly options: DiskQueueOptions;
  private readonly admission: Admission;
  private readonly consumers: MemoryQueue;
  private readonly stored: StoredBatch[] = [];
  private storage: QueueStorage | undefined;
  private files: QueueFiles | undefined;
  private feeding: Promise<void> | undefined;
  private isFeeding = false;
  private isStopped = false;

  constructor(options: DiskQueueOptions) {
    this.options = options;
    this.admission = new Admission(options.config);
    this.consumers = new MemoryQueue({
      // What may be inside is bounded here, before it is written.
      config: {
        ...options.config,
        queue_size: Number.MAX_SAFE_INTEGER,
        wait_for_result: true,
        block_on_overflow: false,
      },
      clock: options.clock,
      send: options.send,
    });
  }

  get size(): number {
    return this.admission.size;
  }

  async start(host: Host): Promise<void> {
    const { config, log, onDamage, owner, signal } = this.options;
    const extension = storageExtension(host, config.storage);
    this.storage = await extension.openQueue(`${owner}_${signal}`);
    const { path, fsync, maxBytes } = this.storage;
    const files = new QueueFiles({ path, fsync, maxBytes, signal, onDamage });
    const found = await files.open();
    this.files = files;
    for (const stored of found) this.admission.size += this.sizeOf(stored);
    this.stored.push(...found);
    if (found.length === 0) return;
    log.info("Sending what an earlier run left in the queue.", { batches: found.length });
    this.feed();
  }

  async offer(batch: Batch): Promise<void> {
    const { files } = this;
    if (files === undefined) throw refused("sending queue is not started", "queue-stopped");
    const size = sizeOf(this.options.config.sizer, batch);
    const room = this.admission.take(size);
    if (room !== undefined) await room;
    try {
      this.stored.push(await files.append(batch));
    } catch (error) {
      this.admission.give(size);
      throw error;
    }
    this.feed();
  }

  /** Leaves on disk what is not being sent yet. */
  async drain(): Promise<void> {
    this.isStopped = true;
    this.admission.stop();
    await this.feeding;
    await this.consumers.drain();
    await this.files?.idle();
    this.storage?.release();
  }

  private feed(): void {
    if (this.isStopped || this.isFeeding) return;
    this.isFeeding = true;
    this.feeding = this.feedAll();
  }

  private async feedAll(): Promise<void> {
    const { files } = this;
    if (files === undefined) return;
    while (!this.isStopped && this.consumers.isHungry) {
      const stored = this.stored.shift();
      if (stored === undefined) break;
      let batch: Batch | undefined;
      try {
        batch = await files.load(stored);
      } catch (error) {
        this.stored.unshift(stored);
        this.options.log.error("A queued batch cannot be read now.", { error: messageOf(error) });
        this.options.clock.schedule(readAgainMs, () => this.feed());
        break;
      }
      if (batch === undefined) this.admission.give(this.sizeOf(stored));
      else void this.hand(stored, batch);
    }
    // In the same turn as the last look: what is accepted from here on feeds anew.
    this.isFeeding = false;
  }

  private async hand(stored: StoredBatch, batch: Batch): Promise<void> {
    try {
      await this.consumers.offer(batch);
    } catch (error) {
      // Given up because the program stops, not because it is hopeless: the next start sends it.
      if (this.isStopped && !isPermanent(error)) return;
    }
    try {
      await this.files?.remove(stored);
    } catch (error) {
      this.options.log.warn(
        "A sent batch cannot be removed from the queue; it is sent again after a restart.",
        {
          error: messageOf(error),
        },
      );
    }
    this.admission.give(this.sizeOf(stored));
    this.feed();
  }

  private sizeOf({ head }: StoredBatch): number {
    switch (this.options.config.sizer) {
      case "requests":
        return 1;
      case "items":
        return head.items;
      case "bytes":
        return head.payloadBytes;
    }
  }
}

const readAgainMs = 1000;
