import type { Clock } from "../../base/clock.ts";
import type { HttpResponse } from "../../base/net/http-message.ts";
import type { SenderRegistry } from "../../pipeline/senders/sender-registry.ts";
import type { Store } from "../../storage/store.ts";
import type { VisibleEvent } from "./wire.ts";

type Signal = VisibleEvent["signals"][number];

interface Stream {
  readonly tenant: string;
  readonly push: (text: string) => void;
}

/** Most streams at a time; one page has one. */
const maxStreams = 200;
/** Events of one kind within this time become one, so that a busy store does not keep pages reloading. */
const gatherMs = 250;
const heartbeatMs = 15_000;

/** Server-sent events: tells pages that new telemetry can be queried. Subscribes to the store only while somebody listens. */
export class LiveFeed {
  private readonly store: Store;
  private readonly senders: SenderRegistry;
  private readonly clock: Clock;
  private readonly streams = new Set<Stream>();
  private readonly ends = new Set<() => void>();
  /** Signals of which something became visible, by tenant; `undefined`: of which tenant is not known. */
  private readonly visible = new Map<string | undefined, Set<Signal>>();
  private unsubscribe: (() => void) | undefined;
  private gathering = false;
  /** Tenants of whose senders something changed. */
  private readonly changedTenants = new Set<string>();

  constructor(store: Store, senders: SenderRegistry, clock: Clock) {
    this.store = store;
    this.senders = senders;
    this.clock = clock;
  }

  /** `tenant`: whose senders and telemetry are told of. Telemetry that an earlier run of the program left uninserted is told of to all. */
  open(closed: AbortSignal, tenant: string): HttpResponse {
    if (this.streams.size >= maxStreams)
      return { status: 503, headers: { "retry-after": "5" }, body: "too many live pages\n" };
    return {
      status: 200,
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      },
      body: this.stream(closed, tenant),
    };
  }

  close(): void {
    for (const end of this.ends) end();
  }

  private async *stream(closed: AbortSignal, tenant: string): AsyncGenerator<string> {
    const queue: string[] = ["retry: 2000\n\n"];
    let wake = (): void => {};
    const state = { ended: closed.aborted };
    const push = (text: string): void => {
      // A reader that does not read gets the newest only; every event says the same: ask again.
      if (queue.length > 20) queue.shift();
      queue.push(text);
      wake();
    };
    const end = (): void => {
      state.ended = true;
      wake();
    };
    closed.addEventListener("abort", end);
    this.ends.add(end);
    const stream: Stream = { tenant, push };
    this.add(stream);
    let stopHeartbeat = this.heartbeat(push);
    try {
      while (!state.ended) {
        const next = queue.shift();
        if (next !== undefined) {
          stopHeartbeat();
          stopHeartbeat = this.heartbeat(push);
          yield next;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      stopHeartbeat();
      closed.removeEventListener("abort", end);
      this.ends.delete(end);
      this.remove(stream);
    }
  }

  private heartbeat(push: Stream["push"]): () => void {
    return this.clock.schedule(heartbeatMs, () => push(": still here\n\n"));
  }

  private add(stream: Stream): void {
    this.streams.add(stream);
    if (this.unsubscribe !== undefined) return;
    const stopStore = this.store.onVisible((signals, tenants) => {
      for (const tenant of tenants ?? [undefined]) {
        const known = this.visible.get(tenant) ?? new Set();
        for (const signal of signals) known.add(signal);
        this.visible.set(tenant, known);
      }
      this.gather();
    });
    const stopSenders = this.senders.onChange((tenants) => {
      for (const tenant of tenants) this.changedTenants.add(tenant);
      this.gather();
    });
    this.unsubscribe = () => {
      stopStore();
      stopSenders();
    };
  }

  private remove(stream: Stream): void {
    this.streams.delete(stream);
    if (this.streams.size > 0) return;
    this.unsubscribe?.();
    this.unsubscribe = undefined;
  }

  private gather(): void {
    if (this.gathering) return;
    this.gathering = true;
    this.clock.schedule(gatherMs, () => {
      this.gathering = false;
      for (const stream of this.streams) this.tell(stream);
      this.visible.clear();
      this.changedTenants.clear();
    });
  }

  private tell({ tenant, push }: Stream): void {
    const signals = [
      ...new Set([...(this.visible.get(undefined) ?? []), ...(this.visible.get(tenant) ?? [])]),
    ];
    if (signals.length > 0) push(eventText("visible", { signals } satisfies VisibleEvent));
    if (this.changedTenants.has(tenant)) push(eventText("senders", {}));
  }
}

function eventText(name: string, value: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
