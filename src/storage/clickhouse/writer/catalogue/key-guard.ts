/**
 * Keeps the catalogue of attribute keys small: programs that put ids into keys make new ones without end. Every minute, where a tenant has more keys of one
 * kind on a day than the bound, the most used stay in the catalogue and the others leave it. Telemetry itself is never touched.
 */
import { systemClock, type Clock } from "../../../../base/clock.ts";
import { messageOf } from "../../../../base/error.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { sql } from "../../reader/sql/ast.ts";
import { printExpression } from "../../reader/sql/print.ts";
import { Rewriter } from "../retention/rewriter.ts";

/** Of one tenant, day, signal and scope. People read such lists; programs that mean well have some hundred. */
export const defaultMaxAttributeKeys = 10_000;

/** Cut to this share of the bound, so that not every round cuts a little. */
const keptShare = 0.9;
const table = "otel_attribute_keys";

export interface KeyGuardOptions {
  readonly client: ClickHouseClient;
  /** Keys of one tenant, day, signal and scope; 0: no bound. */
  readonly maxKeys: number;
  readonly clock?: Clock;
  readonly report?: (action: KeysLeftOut) => void;
  /** Told once when rounds begin to fail; the next round tries again. */
  readonly onFailure?: (reason: string) => void;
  /** Default one minute. */
  readonly intervalMs?: number;
}

/** What one round took out of the catalogue. */
export interface KeysLeftOut {
  readonly tenant: string;
  readonly signal: string;
  /** "resource", "span" or "log". */
  readonly scope: string;
  /** "2026-11-27". */
  readonly day: string;
  readonly keys: number;
  readonly kept: number;
}

export class KeyGuard {
  private readonly options: KeyGuardOptions;
  private readonly clock: Clock;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** Since the start; a key that comes again and again counts each time that it is taken out. */
  leftOutKeys = 0;

  constructor(options: KeyGuardOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
  }

  /** Runs a round at once and then every interval until `stop`; does nothing without a bound. */
  start(): void {
    if (this.options.maxKeys > 0) this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    let isFailing = false;
    while (!this.stopping.signal.aborted) {
      try {
        await this.runOnce();
        isFailing = false;
      } catch (error) {
        if (!isFailing && !this.stopping.signal.aborted) this.options.onFailure?.(messageOf(error));
        isFailing = true;
      }
      await this.clock.sleep(this.options.intervalMs ?? 60_000, this.stopping.signal);
    }
  }

  /** One round; returns what was taken out. */
  async runOnce(): Promise<readonly KeysLeftOut[]> {
    const { client, maxKeys, report } = this.options;
    const rewriter = new Rewriter(client, this.clock, this.stopping.signal);
    const kept = Math.max(1, Math.floor(maxKeys * keptShare));
    const crowded = await client.queryRows(
      `SELECT Tenant, Signal, Scope, toString(toDate(Hour)), uniqExact(Key) AS Keys FROM ${table} GROUP BY Tenant, Signal, Scope, toDate(Hour) HAVING Keys > ${maxKeys}`,
      { what: "count attribute keys" },
    );
    const done: KeysLeftOut[] = [];
    for (const row of crowded.rows) {
      const [tenant = "", signal = "", scope = "", day = ""] = row.slice(0, 4).map(String);
      const own = printExpression(
        sql`Tenant = ${tenant} AND Signal = ${signal} AND Scope = ${scope} AND toDate(Hour) = ${day}`,
      );
      const mostUsed = `SELECT Key FROM ${table} WHERE ${own} GROUP BY Key ORDER BY sum(Count) DESC, Key LIMIT ${kept}`;
      await rewriter.deleteRows(table, day, `${own} AND Key NOT IN (${mostUsed})`);
      const action = { tenant, signal, scope, day, keys: Number(row[4]) - kept, kept };
      this.leftOutKeys += action.keys;
      report?.(action);
      done.push(action);
    }
    return done;
  }
}
