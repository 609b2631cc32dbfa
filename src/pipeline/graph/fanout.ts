import { OtelierError, isPermanent, messageOf } from "../../base/error.ts";
import type { Batch } from "../../telemetry/batch.ts";
import type { Consumer } from "../component.ts";
import { noteCounted, wasCounted } from "./blame.ts";

/**
 * One consumer that passes each batch to all of `targets` at the same time: a target that is slow or fails holds up no other. Targets that
 * change the batch get copies of their own; with none but those, the last one gets the original. Resolves when all have; rejects with
 * the only error, or with one that joins all and is permanent when any is (core internal/fanoutconsumer, consumererror.IsPermanent).
 */
export function fanOut(targets: readonly Consumer[]): Consumer {
  const [only] = targets;
  if (only !== undefined && targets.length === 1) return only;
  const readers = targets.filter((target) => !target.mutatesBatch);
  const writers = targets.filter((target) => target.mutatesBatch);
  const copied = readers.length === 0 ? writers.slice(0, -1) : writers;
  const sharing = readers.length === 0 ? writers.slice(-1) : readers;
  return {
    mutatesBatch: readers.length === 0 && writers.length > 0,
    consume: async (batch: Batch): Promise<void> => {
      // All copies are made before anyone may change the original.
      const copies = copied.map((target) => ({ target, copy: batch.clone() }));
      const answers = await Promise.allSettled([
        ...copies.map(({ target, copy }) => target.consume(copy)),
        ...sharing.map((target) => target.consume(batch)),
      ]);
      const errors = answers.flatMap((answer) =>
        answer.status === "rejected" ? [answer.reason as unknown] : [],
      );
      if (errors.length > 0) throw joinErrors(errors);
    },
  };
}

function joinErrors(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const leading = errors.find(isPermanent) ?? errors[0];
  const known = leading instanceof OtelierError ? leading : undefined;
  const waits = errors.map((error) => (error instanceof OtelierError ? (error.retryAfterMs ?? 0) : 0));
  const retryAfterMs = Math.max(...waits);
  const joined = new OtelierError(errors.map(messageOf).join("; "), {
    code: known?.code ?? "several-failures",
    outcome: isPermanent(leading) ? "permanent" : "retryable",
    cause: leading,
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
    ...(known?.grpcStatus === undefined ? {} : { grpcStatus: known.grpcStatus }),
  });
  if (errors.every(wasCounted)) noteCounted(joined);
  return joined;
}
