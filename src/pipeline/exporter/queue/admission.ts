import type { QueueConfig } from "../../settings/queue.ts";
import { refused } from "./queue.ts";

/**
 * The bound of a queue: how much is inside, and who waits for room, in the order in which they came. What was found on disk at the start counts too,
 * also when it is more than a smaller bound allows now.
 */
export class Admission {
  /** What is inside, in units of `sizer`. */
  size = 0;
  private readonly config: QueueConfig;
  private readonly waiting: { readonly size: number; readonly enter: (isAdmitted: boolean) => void }[] = [];
  private isStopped = false;

  constructor(config: QueueConfig) {
    this.config = config;
  }

  /** Resolves when there is room, which is then taken; undefined: at once. Rejects, or throws, with "queue-full" or "queue-stopped". */
  take(size: number): Promise<void> | undefined {
    const { block_on_overflow, queue_size } = this.config;
    if (this.isStopped) throw refused("sending queue is stopped", "queue-stopped");
    if (size > queue_size) throw refused("element size too large", "queue-full");
    if (this.size + size <= queue_size && this.waiting.length === 0) {
      this.size += size;
      return undefined;
    }
    if (!block_on_overflow) throw refused("sending queue is full", "queue-full");
    return this.wait(size);
  }

  private async wait(size: number): Promise<void> {
    const isAdmitted = await new Promise<boolean>((enter) => this.waiting.push({ size, enter }));
    if (!isAdmitted) throw refused("sending queue is stopped", "queue-stopped");
  }

  give(size: number): void {
    this.size -= size;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      if (this.size + next.size > this.config.queue_size) return;
      this.size += next.size;
      this.waiting.shift();
      next.enter(true);
    }
  }

  /** Turns away who waits and who comes. */
  stop(): void {
    this.isStopped = true;
    for (const waiting of this.waiting.splice(0)) waiting.enter(false);
  }
}
