/** Who sends what, by which protocol, seen at the receivers. */
import type { Signal } from "../../telemetry/signal.ts";
import type { Protocol } from "../../telemetry/batch.ts";

/** What is odd about a sender and what to set instead, in words that can be pasted. */
export interface SenderAdvice {
  /** "wrong-port": served all the same. "malformed" and "too-large": refused. "clock-skew": its times are far from ours. */
  readonly code:
    | "wrong-port"
    | "malformed"
    | "too-large"
    | "unauthenticated"
    | "no-org-id"
    | "bad-org-id"
    | "clock-skew";
  readonly message: string;
  /** Environment or configuration to set: "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318". */
  readonly fix: string;
  readonly count: number;
}

export interface SenderRefusal {
  /** "malformed-otlp", "memory-limit", ...: the codes of docs/diagnostics. */
  readonly reason: string;
  readonly requests: number;
  readonly items: number;
}

/** One service as it sends by one protocol to one port. */
export interface Sender {
  /** '' where there is a single tenant, and for what was refused because it named none. */
  readonly tenant: string;
  /** service.name of what it sent; "" while unknown (nothing readable arrived). */
  readonly service: string;
  /** Address without port: many connections of one host are one sender. */
  readonly peer: string;
  readonly userAgent: string;
  readonly protocol: Protocol;
  /** Listening port that it uses. */
  readonly port: number;
  readonly encrypted: boolean;
  readonly compression: string;
  readonly firstSeenUnixMs: number;
  readonly lastSeenUnixMs: number;
  readonly requests: number;
  readonly bytes: number;
  /** Accepted items by signal. */
  readonly items: Readonly<Record<Signal, number>>;
  readonly refusedItems: number;
  /** What was refused, by the code of the error: whole requests, and items of requests that could be read. */
  readonly refusals: readonly SenderRefusal[];
  /** telemetry.sdk.language and .version, '' when unknown. */
  readonly sdkLanguage: string;
  readonly sdkVersion: string;
  readonly advice: readonly SenderAdvice[];
}
