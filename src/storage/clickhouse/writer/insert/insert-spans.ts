import type { WorkSpan } from "../../../../telemetry/work-span.ts";
import type { Segment } from "../segments/segment.ts";

/** While the engine is down nothing ends, so no more than these wait. */
const maxWaiting = 256;

interface Waiting {
  readonly sequence: number;
  readonly table: string;
  readonly span: WorkSpan;
}

/** Of requests that are sampled for own traces: the time from the answer until their rows are in the tables. */
export class InsertSpans {
  private waiting: Waiting[] = [];

  /** `segments` hold the rows of a request and are safe on disk. */
  begin(work: WorkSpan, segments: readonly Segment[]): void {
    for (const { sequence, table, rows, sizeBytes } of segments) {
      if (this.waiting.length >= maxWaiting) return;
      const span = work.child(`insert ${table}`, {
        "otelier.segment.rows": rows,
        "otelier.segment.bytes": sizeBytes,
      });
      this.waiting.push({ sequence, table, span });
    }
  }

  /** A segment is inserted, or set aside for a reason. */
  end(segment: Segment, error?: Error): void {
    if (this.waiting.length === 0) return;
    const { from, to } = segment.range ?? { from: segment.sequence, to: segment.sequence };
    this.waiting = this.waiting.filter(({ sequence, table, span }) => {
      if (table !== segment.table || sequence < from || sequence > to) return true;
      span.note({ "otelier.insert.rows": segment.rows });
      span.end(error);
      return false;
    });
  }
}
