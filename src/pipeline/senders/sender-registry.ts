import type { Cancel, Clock } from "../../base/clock.ts";
import type { Protocol } from "../../telemetry/batch.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { unknownIdentity, type SenderIdentity } from "./identify.ts";
import type { Sender, SenderAdvice, SenderRefusal } from "./sender.ts";

/** How a request came, known before its body is read. */
export interface SenderConnection {
  /** '' where there is a single tenant, and when it is unknown. */
  readonly tenant: string;
  readonly peer: string;
  readonly userAgent: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly encrypted: boolean;
}

/** What one request adds to what is known of its sender. */
export interface SenderRequest {
  readonly connection: SenderConnection;
  /** Unknown for requests that could not be read. */
  readonly identity?: SenderIdentity;
  readonly compression: string;
  /** Bytes as they crossed the wire. */
  readonly bytes: number;
  readonly signal?: Signal;
  readonly acceptedItems?: number;
  readonly refusedItems?: number;
  /** Code of the error, when the request or items of it were refused. */
  readonly refusal?: string;
  readonly advice?: Omit<SenderAdvice, "count">;
}

export interface SenderRegistryOptions {
  readonly clock: Clock;
  /** Senders remembered; beyond it the one not heard of for longest goes, unnamed ones first. */
  readonly limit?: number;
  /** Listeners are called at most once in this time. */
  readonly notifyEveryMs?: number;
}

type ChangeListener = (tenants: ReadonlySet<string>) => void;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type Entry = Mutable<Omit<Sender, "items" | "advice" | "refusals">> & {
  readonly items: Record<Signal, number>;
  readonly advice: Map<string, SenderAdvice>;
  readonly refusals: Map<string, SenderRefusal>;
};

const maxTextLength = 256;
const maxAdvice = 16;
const maxRefusals = 32;

/** All senders that the receivers of one service have heard of: bounded, in memory, fed by every request. */
export class SenderRegistry {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #notifyEveryMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<ChangeListener>();
  /** Of senders that changed since the listeners were called. */
  readonly #changed = new Set<string>();
  #pending: Cancel | undefined;

  constructor(options: SenderRegistryOptions) {
    this.#clock = options.clock;
    this.#limit = options.limit ?? 1000;
    this.#notifyEveryMs = options.notifyEveryMs ?? 250;
  }

  record(request: SenderRequest): void {
    const entry = this.#entryOf(request);
    entry.lastSeenUnixMs = this.#clock.now();
    entry.requests++;
    entry.bytes += request.bytes;
    entry.compression = request.compression;
    if (request.signal !== undefined) entry.items[request.signal] += request.acceptedItems ?? 0;
    entry.refusedItems += request.refusedItems ?? 0;
    if (request.refusal !== undefined) refuse(entry, request.refusal, request.refusedItems ?? 0);
    if (request.advice !== undefined) advise(entry, request.advice);
    this.#notify(entry.tenant);
  }

  /** Senders, last heard first, of one tenant or of all. The objects are copies. */
  list(tenant?: string): Sender[] {
    return [...this.#entries.values()]
      .filter((entry) => tenant === undefined || entry.tenant === tenant)
      .toSorted((left, right) => right.lastSeenUnixMs - left.lastSeenUnixMs)
      .map((entry) => ({
        ...entry,
        items: { ...entry.items },
        refusals: [...entry.refusals.values()],
        advice: [...entry.advice.values()].map((advice) => ({ ...advice })),
      }));
  }

  /** Calls back after changes with the tenants whose senders changed, at most every `notifyEveryMs`. Returns how to stop that. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #entryOf(request: SenderRequest): Entry {
    const { connection } = request;
    const identity = request.identity ?? unknownIdentity;
    const key = `${connection.port} ${connection.protocol} ${connection.peer} ${connection.tenant} ${identity.service}\0${connection.userAgent}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const now = this.#clock.now();
    const entry: Entry = {
      tenant: connection.tenant,
      service: identity.service,
      peer: connection.peer,
      userAgent: connection.userAgent.slice(0, maxTextLength),
      protocol: connection.protocol,
      port: connection.port,
      encrypted: connection.encrypted,
      compression: request.compression,
      firstSeenUnixMs: now,
      lastSeenUnixMs: now,
      requests: 0,
      bytes: 0,
      items: { traces: 0, metrics: 0, logs: 0 },
      refusedItems: 0,
      sdkLanguage: identity.sdkLanguage,
      sdkVersion: identity.sdkVersion,
      advice: new Map(),
      refusals: new Map(),
    };
    if (this.#entries.size >= this.#limit) this.#forgetOne();
    this.#entries.set(key, entry);
    return entry;
  }

  #forgetOne(): void {
    let oldest: string | undefined;
    let oldestRank = Infinity;
    for (const [key, entry] of this.#entries) {
      const rank = entry.lastSeenUnixMs + (entry.service === "" ? 0 : Number.MAX_SAFE_INTEGER / 2);
      if (rank < oldestRank) {
        oldest = key;
        oldestRank = rank;
      }
    }
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  #notify(tenant: string): void {
    if (this.#listeners.size === 0) return;
    this.#changed.add(tenant);
    if (this.#pending !== undefined) return;
    this.#pending = this.#clock.schedule(this.#notifyEveryMs, () => {
      this.#pending = undefined;
      const changed = new Set(this.#changed);
      this.#changed.clear();
      for (const listener of this.#listeners) listener(changed);
    });
  }
}

function refuse(entry: Entry, reason: string, items: number): void {
  const known = entry.refusals.get(reason) ?? { reason, requests: 0, items: 0 };
  if (!entry.refusals.has(reason) && entry.refusals.size >= maxRefusals) return;
  entry.refusals.set(reason, { reason, requests: known.requests + 1, items: known.items + items });
}

function advise(entry: Entry, advice: Omit<SenderAdvice, "count">): void {
  const key = `${advice.code} ${advice.fix}`;
  const known = entry.advice.get(key);
  if (known !== undefined) entry.advice.set(key, { ...advice, count: known.count + 1 });
  else if (entry.advice.size < maxAdvice) entry.advice.set(key, { ...advice, count: 1 });
}
