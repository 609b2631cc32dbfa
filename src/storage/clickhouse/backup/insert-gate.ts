/** Holds inserts back for a moment, so that tables and the segments beside them can be copied as they are at one time. */
import { basename } from "node:path";
import type { SegmentInserter } from "../writer/insert/inserter.ts";

/** Files are removed right after their insert, which may take hundreds of them. */
const remembered = 10_000;

export class InsertGate {
  private running = 0;
  private held: Promise<void> | undefined;
  private idle: (() => void) | undefined;
  private readonly inserted = new Set<string>();

  /** The same inserter, behind this gate. */
  guard(inserter: SegmentInserter): SegmentInserter {
    return {
      insert: async (segment, files) => {
        while (this.held !== undefined) await this.held;
        this.running++;
        try {
          await inserter.insert(segment, files);
          for (const file of files) this.remember(basename(file));
        } finally {
          this.running--;
          if (this.running === 0) this.idle?.();
        }
      },
    };
  }

  /** The rows of the file of this name are in the tables, though it may not be removed yet. */
  hasInserted(name: string): boolean {
    return this.inserted.has(name);
  }

  /** Runs `work` while no insert runs; one at a time. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    while (this.held !== undefined) await this.held;
    let open = (): void => {};
    this.held = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.running > 0) {
        await new Promise<void>((resolve) => {
          this.idle = resolve;
        });
      }
      return await work();
    } finally {
      this.held = undefined;
      this.idle = undefined;
      open();
    }
  }

  private remember(name: string): void {
    this.inserted.add(name);
    const [oldest] = this.inserted;
    if (this.inserted.size > remembered && oldest !== undefined) this.inserted.delete(oldest);
  }
}
