import type { Consumer } from "../../src/pipeline/component.ts";
import type { Batch } from "../../src/telemetry/batch.ts";

/** Keeps the batches it gets; `answer` may be replaced to delay or refuse. */
export class TestConsumer implements Consumer {
  readonly mutatesBatch = false;
  readonly batches: Batch[] = [];
  answer: (batch: Batch) => Promise<void> = () => Promise.resolve();

  async consume(batch: Batch): Promise<void> {
    await this.answer(batch);
    this.batches.push(batch);
  }
}
