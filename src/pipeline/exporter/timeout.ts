import { setMaxListeners } from "node:events";
import type { Clock } from "../../base/clock.ts";
import { printGoDuration } from "../../base/duration.ts";
import { OtelierError } from "../../base/error.ts";

/** Never aborts. Shared, as a signal for each batch costs more than the rest of an exporter without a timeout. */
const never: AbortSignal = new AbortController().signal;
setMaxListeners(0, never);

/**
 * Runs `send` for at most `timeoutMs` (0: without limit); its signal aborts then, and the result is a retryable error even when `send` does
 * not settle.
 */
export async function withTimeout(
  clock: Clock,
  timeoutMs: number,
  send: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (timeoutMs <= 0) return send(never);
  const controller = new AbortController();
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.schedule(timeoutMs, () => {
      const message = `no answer within ${printGoDuration(timeoutMs)}`;
      const error = new OtelierError(message, { code: "timeout", outcome: "retryable", grpcStatus: 4 });
      controller.abort(error);
      reject(error);
    });
  });
  try {
    await Promise.race([send(controller.signal), late]);
  } finally {
    cancel();
  }
}
