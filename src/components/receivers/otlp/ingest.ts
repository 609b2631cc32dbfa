/**
 * What all protocols have in common once a request's message is there: check it, count it, remember its sender, hand it on, and say what became
 * of it.
 */
import { isPermanent, messageOf, OtelierError } from "../../../base/error.ts";
import { headerOf, type HttpRequest } from "../../../base/net/http-message.ts";
import { printComponentId } from "../../../pipeline/component-id.ts";
import type { ComponentSettings, Consumer, Counter } from "../../../pipeline/component.ts";
import { itemNoun, receiverUnits } from "../../../pipeline/self-metrics/item-noun.ts";
import { identifySender, KnownIdentities } from "../../../pipeline/senders/identify.ts";
import { firstItemMs } from "../../../pipeline/senders/item-time.ts";
import type {
  SenderConnection,
  SenderRegistry,
  SenderRequest,
} from "../../../pipeline/senders/sender-registry.ts";
import { Batch, type BatchContext, type Protocol } from "../../../telemetry/batch.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { WorkSpan } from "../../../telemetry/work-span.ts";
import { validateWire } from "../../../telemetry/wire/validate.ts";
import type { Rejected } from "./answer.ts";
import { clockSkew } from "./advice.ts";
import { requestTenant } from "./tenant.ts";
import { Turnstile } from "./turnstile.ts";

/** One message as it arrived, decompressed, as protobuf. */
export interface Arrival {
  readonly request: HttpRequest;
  readonly signal: Signal;
  readonly protocol: Protocol;
  readonly bytes: Uint8Array;
  readonly compression: string;
  readonly wireBytes: number;
  readonly keepMetadata: boolean;
  readonly advice?: SenderRequest["advice"];
}

export interface IngestOptions {
  readonly settings: ComponentSettings;
  readonly senders: SenderRegistry;
  readonly next: Partial<Readonly<Record<Signal, Consumer>>>;
  /** Requests name their tenants, which were found valid before they come here. */
  readonly multitenancy: boolean;
}

type RequestOutcome = "success" | "refused" | "failure";

type Transport = "grpc" | "http";

interface Labels extends Readonly<Record<string, string>> {
  readonly receiver: string;
  readonly transport: Transport;
}

interface SignalCounters {
  readonly accepted: Counter;
  readonly refused: Counter;
  readonly failed: Counter;
}

export class Ingest {
  readonly #options: IngestOptions;
  readonly #labelsOf: Readonly<Record<Transport, Labels>>;
  readonly #counters = { grpc: new Map<Signal, SignalCounters>(), http: new Map<Signal, SignalCounters>() };
  readonly #refusals = new Map<string, Counter>();
  readonly #requests = { grpc: new Map<RequestOutcome, Counter>(), http: new Map<RequestOutcome, Counter>() };
  readonly #identities = new KnownIdentities();
  readonly #turnstile = new Turnstile();
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    const receiver = printComponentId(options.settings.id);
    this.#labelsOf = { grpc: { receiver, transport: "grpc" }, http: { receiver, transport: "http" } };
  }

  takes(signal: Signal): boolean {
    return this.#options.next[signal] !== undefined;
  }

  /** Resolves when the pipeline has taken the batch, with what it refused for good; rejects with what `statusOfError` understands. */
  async take(arrival: Arrival): Promise<Rejected | undefined> {
    const { signal, bytes, protocol, request } = arrival;
    const consumer = this.#options.next[signal];
    const turn = this.#turnstile.enter();
    if (turn !== undefined) await turn;
    const check = validateWire(signal, bytes);
    if (!check.ok) {
      const message = `cannot read ${signal}: ${check.message} at byte ${check.offset}`;
      throw new OtelierError(message, { code: "malformed-otlp", outcome: "permanent" });
    }
    if (check.items === 0 || consumer === undefined) {
      this.#count(protocol, "success");
      this.#remember(arrival, 0, 0);
      return undefined;
    }
    const work = this.#options.settings.tracer?.start(`receive ${signal}`, {
      "otelier.items": check.items,
      "otelier.bytes": bytes.length,
      "otelier.protocol": protocol,
    });
    const context = this.#context(request, protocol, arrival.keepMetadata, work);
    // Counted and found valid above: nobody behind walks the bytes for that again.
    const batch = Batch.fromBytes(signal, bytes, context, check.items);
    const counters = this.#countersOf(signal, protocol);
    this.#running++;
    try {
      await consumer.consume(batch);
      work?.end();
    } catch (error) {
      work?.end(error);
      const rejected = rejectedOf(error, check.items);
      const items = rejected?.items ?? check.items;
      counters.accepted.add(check.items - items);
      // What the pipeline did not mean to answer is a failure of ours, not a refusal.
      const isRefusal = error instanceof OtelierError;
      (isRefusal ? counters.refused : counters.failed).add(items);
      const reason = isRefusal ? error.code : "internal";
      this.#refusedItems(protocol, signal, reason).add(items);
      this.#count(protocol, isRefusal ? "refused" : "failure");
      this.#remember(arrival, check.items - items, items, reason);
      if (rejected === undefined) throw error;
      return rejected;
    } finally {
      this.#running--;
      if (this.#running === 0) this.#onIdle?.();
    }
    counters.accepted.add(check.items);
    this.#count(protocol, "success");
    this.#remember(arrival, check.items, 0);
    return undefined;
  }

  /** Resolves when the pipeline holds no request of ours any more. */
  async idle(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Counts and remembers a request that was refused before it became a batch; `reason` is a stable code. */
  refuse(
    request: HttpRequest,
    protocol: Protocol,
    reason: string,
    details: { readonly advice?: SenderRequest["advice"]; readonly bytes?: Uint8Array },
  ): void {
    const key = `${protocol} ${reason}`;
    let counter = this.#refusals.get(key);
    if (counter === undefined) {
      const labels = { ...this.#labels(protocol), protocol, reason };
      const doc = "Requests that were refused before they reached a pipeline.";
      counter = this.#options.settings.metrics.counter(
        "otelier_receiver_refused_requests",
        labels,
        doc,
        "{requests}",
      );
      this.#refusals.set(key, counter);
    }
    counter.add(1);
    this.#count(protocol, "refused");
    this.#options.senders.record({
      connection: this.#connectionOf(request, protocol),
      ...(details.bytes === undefined ? {} : { identity: identifySender(details.bytes) }),
      compression: headerOf(request, "content-encoding") ?? headerOf(request, "grpc-encoding") ?? "",
      bytes: details.bytes?.length ?? 0,
      refusal: reason,
      ...(details.advice === undefined ? {} : { advice: details.advice }),
    });
  }

  /** `otelcol_receiver_requests`: how many, by outcome. */
  #count(protocol: Protocol, outcome: RequestOutcome): void {
    const known = this.#requests[transportOf(protocol)];
    let counter = known.get(outcome);
    if (counter === undefined) {
      const labels = { ...this.#labels(protocol), outcome };
      const doc = "The number of requests performed.";
      counter = this.#options.settings.metrics.counter(
        "otelcol_receiver_requests",
        labels,
        doc,
        "{requests}",
      );
      known.set(outcome, counter);
    }
    counter.add(1);
  }

  #refusedItems(protocol: Protocol, signal: Signal, reason: string): Counter {
    return this.#options.settings.metrics.counter(
      "otelier_receiver_refused_items",
      { ...this.#labels(protocol), signal, reason },
      "Spans, data points and log records that a pipeline refused or failed on, by the code of the error.",
      "{items}",
    );
  }

  #remember(arrival: Arrival, acceptedItems: number, refusedItems: number, reason?: string): void {
    const advice = arrival.advice ?? this.#clockAdvice(arrival);
    this.#options.senders.record({
      connection: this.#connectionOf(arrival.request, arrival.protocol),
      identity: this.#identities.identify(arrival.bytes),
      compression: arrival.compression,
      bytes: arrival.wireBytes,
      signal: arrival.signal,
      acceptedItems,
      refusedItems,
      ...(reason === undefined ? {} : { refusal: reason }),
      ...(advice === undefined ? {} : { advice }),
    });
  }

  #clockAdvice({ signal, bytes }: Arrival): SenderRequest["advice"] {
    return clockSkew(firstItemMs(signal, bytes), this.#options.settings.clock.now());
  }

  #context(request: HttpRequest, protocol: Protocol, keepMetadata: boolean, work?: WorkSpan): BatchContext {
    const { peerAddress, peerPort } = request;
    const host = peerAddress.includes(":") ? `[${peerAddress}]` : peerAddress;
    return {
      tenant: this.#options.multitenancy ? requestTenant(request) : "",
      peer: peerAddress === "" ? "" : `${host}:${peerPort}`,
      protocol,
      receivedUnixMs: this.#options.settings.clock.now(),
      ...(keepMetadata ? { metadata: metadataOf(request) } : {}),
      ...(work === undefined ? {} : { work }),
    };
  }

  #connectionOf(request: HttpRequest, protocol: Protocol): SenderConnection {
    return {
      tenant: this.#options.multitenancy ? tenantIfAny(request) : "",
      peer: request.peerAddress,
      userAgent: headerOf(request, "user-agent") ?? "",
      protocol,
      port: request.localPort,
      encrypted: request.encrypted,
    };
  }

  #labels(protocol: Protocol): Labels {
    return this.#labelsOf[transportOf(protocol)];
  }

  #countersOf(signal: Signal, protocol: Protocol): SignalCounters {
    const known = this.#counters[transportOf(protocol)].get(signal);
    if (known !== undefined) return known;
    const labels = this.#labels(protocol);
    const noun = itemNoun[signal];
    const words = noun.replace("_", " ");
    const unit = receiverUnits[signal];
    const { metrics } = this.#options.settings;
    const made: SignalCounters = {
      accepted: metrics.counter(
        `otelcol_receiver_accepted_${noun}`,
        labels,
        `Number of ${words} successfully pushed into the pipeline.`,
        unit,
      ),
      refused: metrics.counter(
        `otelcol_receiver_refused_${noun}`,
        labels,
        `Number of ${words} that could not be pushed into the pipeline.`,
        unit,
      ),
      failed: metrics.counter(
        `otelcol_receiver_failed_${noun}`,
        labels,
        `Number of ${words} that failed to be processed by the receiver due to internal errors.`,
        unit,
      ),
    };
    this.#counters[transportOf(protocol)].set(signal, made);
    return made;
  }
}

function transportOf(protocol: Protocol): Transport {
  return protocol === "grpc" ? "grpc" : "http";
}

/** Set when an error says that only a part was refused. */
function rejectedOf(error: unknown, items: number): Rejected | undefined {
  if (!(error instanceof OtelierError) || error.rejectedItems === undefined || !isPermanent(error))
    return undefined;
  return { items: Math.min(error.rejectedItems, items), message: messageOf(error) };
}

/** '' for a request that was refused because it names none. */
function tenantIfAny(request: HttpRequest): string {
  try {
    return requestTenant(request);
  } catch {
    return "";
  }
}

/** Headers under lower-case names, without the pseudo headers of HTTP/2. */
export function metadataOf(request: HttpRequest): ReadonlyMap<string, readonly string[]> {
  const metadata = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith(":")) continue;
    metadata.set(name, typeof value === "string" ? [value] : value);
  }
  return metadata;
}
