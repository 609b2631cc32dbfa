import { Batch, internalContext, type BatchContext } from "../../src/telemetry/batch.ts";
import { Writer } from "../../src/telemetry/wire/writer.ts";

/** A batch of spans with these names, in one scope of one resource. */
export function spansNamed(names: readonly string[], context: Partial<BatchContext> = {}): Batch {
  const writer = new Writer(256);
  const message = (field: number, write: () => void): void => {
    writer.tag(field, 2);
    const place = writer.begin(0);
    write();
    writer.end(place);
  };
  message(1, () =>
    message(2, () => {
      for (const name of names) {
        message(2, () => {
          writer.tag(5, 2);
          writer.text(name);
        });
      }
    }),
  );
  return Batch.fromBytes("traces", writer.finish(), { ...internalContext, ...context });
}

/** The name of the first span of a batch. */
export function firstSpanName(batch: Batch): string {
  return batch.clone().traces().resourceSpans.at(0)?.scopeSpans.at(0)?.spans.at(0)?.name ?? "";
}
