/** Holds inserts back for a moment, so that tables and the segments beside them can be copied as they are at one time. */
import type { SegmentInserter } from "../writer/insert/inserter.ts";

/** As many as the engine remembers tokens of. */
const remembered = 1000;

export class InsertGate {
  private running = 0;
  private held: Promise<void> | undefined;
  private idle: (() => void) | undefined;
  private readonly inserted = new Set<string>();

  /** The same inserter, behind this gate. */
  guard(inserter: SegmentInserter): SegmentInserter {
    return {
      insert: async (segment, file) => {
        while (this.held !== undefined) await this.held;
        this.running++;
        try {
          await inserter.insert(segment, file);
          this.remember(segment.token);
        } finally {
          this.running--;
          if (this.running === 0) this.idle?.();
        }
      },
    };
  }

  /** Rows of this segment are in the tables, though its file may not be removed yet. */
  hasInserted(token: string): boolean {
    return this.inserted.has(token);
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

  private remember(token: string): void {
    this.inserted.add(token);
    const [oldest] = this.inserted;
    if (this.inserted.size > remembered && oldest !== undefined) this.inserted.delete(oldest);
  }
}
