import type { Clock } from "../../base/clock.ts";
import { printGoDuration } from "../../base/duration.ts";
import { OtelierError, isPermanent, messageOf } from "../../base/error.ts";
import type { Random } from "../../base/random.ts";
import type { Log } from "../component.ts";
import type { RetryConfig } from "../settings/queue.ts";

export interface RetryOptions {
  readonly config: RetryConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Aborts at shutdown: a waiting retry is made at once, and is the last. */
  readonly stop: AbortSignal;
}

/**
 * Sends until it works, fails permanently, or the time is up. Waits grow and vary as the Collector's (core exporterhelper, retry sender; the
 * interval times 1 ± randomization_factor), and are never shorter than what the other side asked for. Rejects with the last error, which stays
 * retryable for whoever sent the data when it was; during shutdown after the attempt under way and one more.
 */
export async function sendWithRetry(send: () => Promise<void>, options: RetryOptions): Promise<void> {
  const { config, clock, random, log, stop } = options;
  const startedMs = clock.monotonic();
  let interval = config.initial_interval;
  for (;;) {
    const isLast = stop.aborted;
    try {
      await send();
      return;
    } catch (error) {
      if (isPermanent(error)) throw givenUp("not retryable error", error);
      if (isLast) throw givenUp("shutting down", error);
      const jitter = interval * config.randomization_factor * (2 * random.next() - 1);
      const askedMs = error instanceof OtelierError ? (error.retryAfterMs ?? 0) : 0;
      const delayMs = Math.max(interval + jitter, askedMs);
      interval = Math.min(interval * config.multiplier, config.max_interval);
      const elapsedMs = clock.monotonic() - startedMs;
      if (config.max_elapsed_time > 0 && elapsedMs + delayMs > config.max_elapsed_time) {
        throw givenUp("no more retries left", error);
      }
      log.info("Exporting failed. Will retry the request after interval.", {
        error: messageOf(error),
        interval: printGoDuration(Math.round(delayMs)),
      });
      await clock.sleep(delayMs, stop);
    }
  }
}

function givenUp(why: string, cause: unknown): OtelierError {
  const from = cause instanceof OtelierError ? cause : undefined;
  return new OtelierError(`${why}: ${messageOf(cause)}`, {
    code: from?.code ?? "export-failed",
    outcome: isPermanent(cause) ? "permanent" : "retryable",
    cause,
    ...(from?.grpcStatus === undefined ? {} : { grpcStatus: from.grpcStatus }),
  });
}
