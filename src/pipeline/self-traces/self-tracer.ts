/**
 * Own traces: what Otelier does with a request, step by step. A few requests of each kind are traced, however many come, so the cost does not grow with the
 * load. What has ended waits here until somebody takes it; what has no room is counted.
 */
import type { Clock } from "../../base/clock.ts";
import { messageOf, OtelierError } from "../../base/error.ts";
import type { Random } from "../../base/random.ts";
import type { WorkAttributes, WorkSpan } from "../../telemetry/work-span.ts";

/** A step that has ended. Times are Unix nanoseconds. */
export interface EndedSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  /** Empty for the root. */
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Undefined: it succeeded. */
  readonly failure: string | undefined;
}

export interface SelfTracerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Between two traces of one name; default half a second. */
  readonly intervalMs?: number;
  /** Ended steps that may wait to be taken; default 4,096. */
  readonly maxWaiting?: number;
}

const noParent = new Uint8Array(0);

export class SelfTracer {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly intervalMs: number;
  private readonly maxWaiting: number;
  /** By name of the root: when the next one may be traced. Names are those of the code, a handful. */
  private readonly notBefore = new Map<string, number>();
  private waiting: EndedSpan[] = [];
  /** Steps that found no room. */
  dropped = 0;

  constructor({ clock, random, intervalMs = 500, maxWaiting = 4096 }: SelfTracerOptions) {
    this.clock = clock;
    this.random = random;
    this.intervalMs = intervalMs;
    this.maxWaiting = maxWaiting;
  }

  /** Begins a trace, or says undefined: this one is not sampled. */
  start(name: string, attributes: WorkAttributes): WorkSpan | undefined {
    const now = this.clock.monotonic();
    if (now < (this.notBefore.get(name) ?? -Infinity)) return undefined;
    this.notBefore.set(name, now + this.intervalMs);
    // One look at the wall clock a trace: its steps are in order whatever that clock does meanwhile.
    const trace = { id: this.random.bytes(16), wallMs: this.clock.now(), startMs: now };
    return this.span(trace, noParent, name, attributes);
  }

  /** Gives what has ended, once. */
  take(): readonly EndedSpan[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  private span(trace: Trace, parentSpanId: Uint8Array, name: string, first: WorkAttributes): WorkSpan {
    const spanId = this.random.bytes(8);
    const startUnixNano = this.nano(trace);
    const attributes: Record<string, string | number> = { ...first };
    let isOpen = true;
    return {
      child: (childName, childAttributes = {}) => this.span(trace, spanId, childName, childAttributes),
      note: (more) => void Object.assign(attributes, more),
      end: (error) => {
        if (!isOpen) return;
        isOpen = false;
        if (this.waiting.length >= this.maxWaiting) {
          this.dropped++;
          return;
        }
        if (error !== undefined) attributes["error.type"] = typeOf(error);
        this.waiting.push({
          traceId: trace.id,
          spanId,
          parentSpanId,
          name,
          startUnixNano,
          endUnixNano: this.nano(trace),
          attributes,
          failure: error === undefined ? undefined : messageOf(error),
        });
      },
    };
  }

  private nano({ wallMs, startMs }: Trace): bigint {
    const sinceStart = this.clock.monotonic() - startMs;
    return BigInt(Math.round(wallMs)) * 1_000_000n + BigInt(Math.round(sinceStart * 1e6));
  }
}

interface Trace {
  readonly id: Uint8Array;
  readonly wallMs: number;
  readonly startMs: number;
}

function typeOf(error: unknown): string {
  if (error instanceof OtelierError) return error.code;
  return error instanceof Error ? error.name : "error";
}
