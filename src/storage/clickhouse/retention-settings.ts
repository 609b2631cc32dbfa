/** How long telemetry is kept, from the options; and, for commands that work on a directory while no stack does, as it was last used. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signals, type Signal } from "../../telemetry/signal.ts";
import type { AgesBySignal, RetentionSettings } from "../usage.ts";

export interface RetentionOptions {
  /** Age after which telemetry is dropped; 0 or absent: kept for ever. */
  readonly retentionMs?: number;
  /** Ages of signals that are kept for another time. */
  readonly signalRetentionMs?: Readonly<Partial<Record<Signal, number>>>;
  /** Of tenants that have ages of their own: of all signals, and of signals that are kept for another time. */
  readonly tenantRetention?: Readonly<Record<string, TenantAges>>;
  /** Bytes on disk above which the oldest telemetry is dropped; 0 or absent: no limit. */
  readonly maxDiskBytes?: number;
  /**
   * Instead of these: drop nothing, and judge what is old by the settings that the directory was last used with; by these when that is not
   * known.
   */
  readonly lastRetention?: RetentionSettings;
}

export interface TenantAges {
  readonly maxAgeMs: number;
  readonly signals: Readonly<Partial<Record<Signal, number>>>;
}

const fileName = "retention.json";

/** Settings of a directory; remembers those that were given. */
export function settleRetention(directory: string, options: RetentionOptions): RetentionSettings {
  const file = join(directory, fileName);
  if (options.lastRetention !== undefined) return recall(file) ?? options.lastRetention;
  const settings = retentionOf(options);
  writeFileSync(file, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  return settings;
}

function retentionOf(options: RetentionOptions): RetentionSettings {
  const { retentionMs = 0, signalRetentionMs = {}, tenantRetention = {}, maxDiskBytes = 0 } = options;
  const tenants = Object.entries(tenantRetention).map(([tenant, ages]) => [tenant, bySignal(ages)] as const);
  return {
    maxAgeMs: bySignal({ maxAgeMs: retentionMs, signals: signalRetentionMs }),
    ...(tenants.length === 0 ? {} : { tenants: Object.fromEntries(tenants) }),
    maxBytes: maxDiskBytes,
  };
}

function bySignal({ maxAgeMs, signals: own }: TenantAges): AgesBySignal {
  const { traces = maxAgeMs, metrics = maxAgeMs, logs = maxAgeMs } = own;
  return { traces, metrics, logs };
}

function recall(file: string): RetentionSettings | undefined {
  try {
    const parsed = JSON.parse(readFileSync(file, "utf8")) as Partial<RetentionSettings>;
    const isWhole =
      typeof parsed.maxBytes === "number" &&
      signals.every((signal) => typeof parsed.maxAgeMs?.[signal] === "number");
    return isWhole ? (parsed as RetentionSettings) : undefined;
  } catch {
    return undefined;
  }
}
