/**
 * Whether the stack lives and whether it can do its work. Answers hold no telemetry and no names, so that a probe needs no credentials.
 * Alive: the process answers. Ready: telemetry is received, and the database answers within a few seconds.
 */
import type { Clock } from "../../base/clock.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "../../base/net/http-message.ts";
import type { Store } from "../../storage/store.ts";
import type { HealthAnswer, ReadyAnswer } from "./wire.ts";

export interface HealthOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly startedUnixMs: number;
  /** Pipelines take telemetry. */
  readonly isReceiving: () => boolean;
}

const longestWaitMs = 3_000;
const noStore = { "cache-control": "no-store" };

/** Answers /api/health and /api/ready; undefined for other paths. */
export function createHealth(
  options: HealthOptions,
): (request: HttpRequest) => Promise<HttpResponse | undefined> {
  return async ({ method, path }) => {
    if (method !== "GET" && method !== "HEAD") return undefined;
    if (path === "/api/health") {
      const uptimeMs = options.clock.now() - options.startedUnixMs;
      return jsonResponse({ status: "alive", uptimeMs } satisfies HealthAnswer, 200, noStore);
    }
    if (path !== "/api/ready") return undefined;
    const answer = await readiness(options);
    return jsonResponse(answer, answer.status === "ready" ? 200 : 503, noStore);
  };
}

async function readiness({ store, clock, isReceiving }: HealthOptions): Promise<ReadyAnswer> {
  const reasons: ReadyAnswer["reasons"][number][] = [];
  if (!isReceiving()) {
    const message = "no telemetry is received: the pipelines are starting or stopping";
    reasons.push({ code: "pipelines-down", message });
  }
  const { engineUp, engineRestarts, pendingBytes } = store.counts();
  const kept = "what is received is kept on disk and inserted later";
  if (!engineUp) {
    const message = `the database engine does not run (restarts so far: ${engineRestarts}); ${kept}`;
    reasons.push({ code: "engine-down", message });
  } else if (!(await answers(store, clock))) {
    const message = `the database does not answer within ${longestWaitMs / 1000} s; ${kept}`;
    reasons.push({ code: "engine-down", message });
  }
  return { status: reasons.length === 0 ? "ready" : "not-ready", reasons, pendingBytes };
}

async function answers(store: Store, clock: Clock): Promise<boolean> {
  const done = new AbortController();
  const status = store.status().then(
    ({ engineUp }) => engineUp,
    () => false,
  );
  const tooLate = clock.sleep(longestWaitMs, done.signal).then(() => false);
  const isUp = await Promise.race([status, tooLate]);
  done.abort();
  return isUp;
}
