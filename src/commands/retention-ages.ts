import { parseLongDuration } from "../base/duration.ts";
import type { TenantAges } from "../storage/clickhouse/retention-settings.ts";
import { signals, type Signal } from "../telemetry/signal.ts";

/** How long telemetry is kept when nobody says otherwise. */
export const defaultRetention = "7d";

export interface RetentionAges {
  /** 0 keeps all. */
  readonly maxAgeMs: number;
  /** Signals with an age of their own. */
  readonly signals: Readonly<Partial<Record<Signal, number>>>;
  /** Tenants with ages of their own. */
  readonly tenants: Readonly<Record<string, TenantAges>>;
}

/** Tenants as they are written in X-Scope-OrgID; the comma is ours, and a slash none may have. */
const entry = /^(?:(?<tenant>[A-Za-z0-9!_.*'()-]{1,150})\/)?(?:(?<name>[a-z]+)=)?(?<age>[^=/]*)$/;

/**
 * Reads "7d", "7d,logs=2d,metrics=0", "7d,acme/all=30d,acme/logs=1d"; undefined when the text is none: an age is missing, negative, or given twice. What a
 * tenant's entries leave out is as for everybody.
 */
export function parseRetention(text: string): RetentionAges | undefined {
  const everybody = new Map<string, number>();
  const tenants = new Map<string, Map<string, number>>();
  for (const part of text.split(",")) {
    const { tenant, name = "", age = "" } = entry.exec(part.trim())?.groups ?? {};
    const ms = parseLongDuration(age);
    const signal = name === "all" && tenant !== undefined ? "" : name;
    const ages = tenant === undefined ? everybody : (tenants.get(tenant) ?? new Map<string, number>());
    if (ms === undefined || ms < 0 || ages.has(signal)) return undefined;
    if (tenant === undefined ? false : name === "") return undefined;
    if (signal !== "" && !signals.some((known) => known === signal)) return undefined;
    ages.set(signal, ms);
    if (tenant !== undefined) tenants.set(tenant, ages);
  }
  const maxAgeMs = everybody.get("");
  if (maxAgeMs === undefined) return undefined;
  const own = [...tenants].map(([tenant, ages]): [string, TenantAges] => {
    const all = ages.get("");
    // Without an age for all of its signals, those for everybody hold.
    const others = all === undefined ? agesBySignal(everybody) : {};
    return [tenant, { maxAgeMs: all ?? maxAgeMs, signals: { ...others, ...agesBySignal(ages) } }];
  });
  return { maxAgeMs, signals: agesBySignal(everybody), tenants: Object.fromEntries(own) };
}

function agesBySignal(ages: ReadonlyMap<string, number>): Readonly<Partial<Record<Signal, number>>> {
  const given = signals.flatMap((signal) => {
    const ms = ages.get(signal);
    return ms === undefined ? [] : [[signal, ms] as const];
  });
  return Object.fromEntries(given);
}
