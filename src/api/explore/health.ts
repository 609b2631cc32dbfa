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
  const database = new DatabaseProbe(options.store);
  return async ({ method, path }) => {
    if (method !== "GET" && method !== "HEAD") return undefined;
    if (path === "/api/health") {
      const uptimeMs = options.clock.now() - options.startedUnixMs;
      return jsonResponse({ status: "alive", uptimeMs } satisfies HealthAnswer, 200, noStore);
    }
    if (path !== "/api/ready") return undefined;
    const answer = await readiness(options, database);
    return jsonResponse(answer, answer.status === "ready" ? 200 : 503, noStore);
  };
}

async function readiness(
  { store, clock, isReceiving }: HealthOptions,
  database: DatabaseProbe,
): Promise<ReadyAnswer> {
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
  } else if (!(await database.answers(clock))) {
    const message = `the database does not answer within ${longestWaitMs / 1000} s; ${kept}`;
    reasons.push({ code: "engine-down", message });
  }
  return { status: reasons.length === 0 ? "ready" : "not-ready", reasons, pendingBytes };
}

/** Asks one question at a time: probes that come while the database hangs wait for the same answer, and pile up nothing. */
class DatabaseProbe {
  private readonly store: Store;
  private asking: Promise<boolean> | undefined;

  constructor(store: Store) {
    this.store = store;
  }

  async answers(clock: Clock): Promise<boolean> {
    this.asking ??= this.ask();
    const done = new AbortController();
    const tooLate = clock.sleep(longestWaitMs, done.signal).then(() => false);
    const isUp = await Promise.race([this.asking, tooLate]);
    done.abort();
    return isUp;
  }

  private async ask(): Promise<boolean> {
    try {
      return (await this.store.status()).engineUp;
    } catch {
      return false;
    } finally {
      this.asking = undefined;
    }
  }
}
