import type { Cancel, Clock } from "../../../base/clock.ts";
import type { Log } from "../../../pipeline/component.ts";
import type { MemoryLimiterConfig } from "./config.ts";

const mib = 1024 * 1024;

/** What the limiter looks at; tests give their own. */
export interface MemoryProbe {
  /** Bytes the process holds. */
  used(): number;
  /** Bytes of the machine or container. */
  total(): number;
  /** Collects garbage now; undefined when the runtime was not started for it. */
  readonly collect: (() => void) | undefined;
}

/** Limits in bytes. Soft is where refusing starts, hard is what is never to be reached. */
export function limitsOf(
  config: MemoryLimiterConfig,
  totalBytes: number,
): { readonly soft: number; readonly hard: number } {
  const hard = config.limit_mib > 0 ? config.limit_mib * mib : (totalBytes * config.limit_percentage) / 100;
  const spikeGiven =
    config.limit_mib > 0 ? config.spike_limit_mib * mib : (totalBytes * config.spike_limit_percentage) / 100;
  const spike = spikeGiven > 0 ? spikeGiven : hard / 5;
  return { soft: hard - spike, hard };
}

/** Looks at the memory in use at intervals and says whether new data must be refused. Shared by all pipelines that list the processor. */
export class MemoryLimiter {
  private readonly config: MemoryLimiterConfig;
  private readonly probe: MemoryProbe;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly limits: { readonly soft: number; readonly hard: number };
  private users = 0;
  private cancel: Cancel | undefined;
  private refusing = false;
  private lastCollectionMs = -Infinity;
  /** Grows while collections free too little. */
  private collectionIntervalMs = 0;

  constructor(config: MemoryLimiterConfig, probe: MemoryProbe, clock: Clock, log: Log) {
    this.config = config;
    this.probe = probe;
    this.clock = clock;
    this.log = log;
    this.limits = limitsOf(config, probe.total());
  }

  get mustRefuse(): boolean {
    return this.refusing;
  }

  start(): void {
    if (this.users++ === 0) this.look();
  }

  stop(): void {
    if (--this.users > 0) return;
    this.cancel?.();
    this.cancel = undefined;
  }

  private look(): void {
    let used = this.probe.used();
    if (used > this.limits.soft) used = this.collect(used);
    const refuse = used > this.limits.soft;
    if (refuse !== this.refusing) {
      this.refusing = refuse;
      const fields = { used_mib: Math.round(used / mib), limit_mib: Math.round(this.limits.hard / mib) };
      if (refuse) this.log.warn("Memory usage is above soft limit. Refusing data.", fields);
      else this.log.info("Memory usage back within limits. Resuming normal operation.", fields);
    }
    this.cancel = this.clock.schedule(this.config.check_interval, () => this.look());
  }

  private collect(used: number): number {
    const { collect } = this.probe;
    if (collect === undefined) return used;
    const hard = used > this.limits.hard;
    const { config } = this;
    const min = hard ? config.min_gc_interval_when_hard_limited : config.min_gc_interval_when_soft_limited;
    const max = hard ? config.max_gc_interval_when_hard_limited : config.max_gc_interval_when_soft_limited;
    const now = this.clock.monotonic();
    if (now - this.lastCollectionMs < Math.max(min, this.collectionIntervalMs)) return used;
    collect();
    this.lastCollectionMs = now;
    const after = this.probe.used();
    const start = Math.max(min, config.check_interval * 0.95);
    const grown = this.collectionIntervalMs === 0 ? start : this.collectionIntervalMs * 2;
    // A collection that freed nothing will free nothing a moment later: wait longer each time.
    this.collectionIntervalMs = after < this.limits.soft || max === 0 ? 0 : Math.min(grown, max);
    return after;
  }
}
