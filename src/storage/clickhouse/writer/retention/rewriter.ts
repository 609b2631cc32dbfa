import type { Clock } from "../../../../base/clock.ts";
import type { ClickHouseClient } from "../../client/client.ts";

/** Removes single rows of a day: the engine rewrites the day's parts without them. */
export class Rewriter {
  private readonly client: ClickHouseClient;
  private readonly clock: Clock;
  private readonly stopSignal: AbortSignal;

  constructor(client: ClickHouseClient, clock: Clock, stopSignal: AbortSignal) {
    this.client = client;
    this.clock = clock;
    this.stopSignal = stopSignal;
  }

  /**
   * Deletes the rows of a day ("2026-11-27") for which a condition in SQL holds. Resolves when no part of the table waits to be rewritten, however long
   * that takes: one large part on a busy machine takes minutes. When stopped meanwhile, the engine finishes after its next start.
   */
  async deleteRows(table: string, day: string, condition: string): Promise<void> {
    await this.client.command(`ALTER TABLE ${table} DELETE IN PARTITION '${day}' WHERE ${condition}`, {
      what: `drop old rows of ${table}`,
      settings: { mutations_sync: 0 },
    });
    for (let waitMs = 20; !this.stopSignal.aborted; waitMs = Math.min(waitMs * 2, 1000)) {
      const answer = await this.client.queryRows(
        `SELECT count(), max(latest_fail_reason) FROM system.mutations WHERE database = currentDatabase() AND table = '${table}' AND NOT is_done`,
        { what: `watch the rewrite of ${table}` },
      );
      const [waiting, failure] = answer.rows[0] ?? [];
      if (Number(waiting) === 0) return;
      if (String(failure) !== "") throw new Error(`rewriting parts of ${table} fails: ${String(failure)}`);
      await this.clock.sleep(waitMs, this.stopSignal);
    }
  }
}
