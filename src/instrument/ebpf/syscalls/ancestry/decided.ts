import type { Chunk, Context } from "../../chunks/chunk.ts";

const maxWaiting = 4096;

/** Contexts that the kernel has decided, until the chunks come that their requests begin with, which are the next of their threads. */
export class Decided {
  private readonly waiting = new Map<number, Chunk>();

  add(chunk: Chunk): void {
    if (this.waiting.size < maxWaiting) this.waiting.set(chunk.thread, chunk);
  }

  take({ thread, timeNs, process, descriptor }: Chunk): Context | undefined {
    if (this.waiting.size === 0) return undefined;
    const found = this.waiting.get(thread);
    if (found === undefined || found.timeNs > timeNs) return undefined;
    this.waiting.delete(thread);
    const isOfChunk = found.timeNs === timeNs && found.process === process && found.descriptor === descriptor;
    return isOfChunk ? found.context : undefined;
  }

  clear(): void {
    this.waiting.clear();
  }
}
