/** How long rows live, by table and tenant. */
import { signals } from "../../../../telemetry/signal.ts";
import type { AgesBySignal, RetentionSettings } from "../../../usage.ts";
import { sql } from "../../reader/sql/ast.ts";
import { printExpression } from "../../reader/sql/print.ts";
import { signalOfTable } from "../../schema/table-signals.ts";

/** Rows of whom, and how long they live. */
export interface AgeRule {
  /** Undefined: of all tenants that have no ages of their own. */
  readonly tenant: string | undefined;
  /** 0: for ever. */
  readonly maxAgeMs: number;
}

/** Ages of a tenant: its own, or those of everybody. */
export function agesOf(settings: RetentionSettings, tenant: string): AgesBySignal {
  const { tenants = {}, maxAgeMs } = settings;
  return (Object.hasOwn(tenants, tenant) ? tenants[tenant] : undefined) ?? maxAgeMs;
}

/** Of a table; the first is that of everybody. */
export function ageRulesOf(table: string, settings: RetentionSettings): readonly AgeRule[] {
  const own = Object.entries(settings.tenants ?? {});
  return [
    { tenant: undefined, maxAgeMs: ageIn(settings.maxAgeMs, table) },
    ...own.map(([tenant, ages]) => ({ tenant, maxAgeMs: ageIn(ages, table) })),
  ];
}

/** How long the longest-lived rows of a table live; 0: for ever. */
export function maxAgeOf(table: string, settings: RetentionSettings): number {
  return longestOf(ageRulesOf(table, settings).map(({ maxAgeMs }) => maxAgeMs));
}

/** The longest of all ages; 0: something is kept for ever. */
export function longestAge(settings: RetentionSettings): number {
  const all = [settings.maxAgeMs, ...Object.values(settings.tenants ?? {})];
  return longestOf(all.flatMap((ages) => signals.map((signal) => ages[signal])));
}

/** Whose rows a rule is for, in SQL; '' when it is for all. */
export function ownersOf({ tenant }: AgeRule, settings: RetentionSettings): string {
  if (tenant !== undefined) return printExpression(sql`Tenant = ${tenant}`);
  const others = Object.keys(settings.tenants ?? {}).map((name) => printExpression(sql`Tenant != ${name}`));
  return others.join(" AND ");
}

/** What serves several signals lives as long as the longest. */
function ageIn(ages: AgesBySignal, table: string): number {
  const signal = signalOfTable(table);
  return signal === "shared" ? longestOf(Object.values(ages)) : ages[signal];
}

function longestOf(ages: readonly number[]): number {
  return ages.includes(0) ? 0 : Math.max(...ages);
}
