/**
 * Decides when the embedded engine merges parts of the table of spans. Left to itself it merges six at a time, so under a steady load each row is merged three to four
 * times, which costs as much as all the rest. While much comes in, merges are held until enough fresh parts are there, and then take all of
 * these at once; as soon as little comes in, the engine is left to itself again (docs/adr/0021-merges-of-many-parts.md).
 *
 * Works by settings of the table, which do not stop a merge that runs.
 */
import { systemClock, type Clock } from "../../../../base/clock.ts";
import { messageOf } from "../../../../base/error.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { tracesTable } from "../../schema/tables.ts";

export interface MergePaceOptions {
  readonly client: ClickHouseClient;
  /** Rows inserted so far. */
  readonly insertedRows: () => number;
  readonly clock?: Clock;
  /** Parts that are merged at once. Default 32. */
  readonly freshParts?: number;
  /**
   * From so many parts of a day on, or fresh ones of all days, the engine is left to itself, whatever comes in: each query opens every part of its
   * window. Default 96.
   */
  readonly mostParts?: number;
  /** Told when the engine could not be asked or told for some looks; once until it can again. */
  readonly onFailure?: (reason: string) => void;
}

/** "free": the engine's own ways. "held": no merge begins. "released": merges of many parts begin. */
export type MergeState = "free" | "held" | "released";

const defaultFreshParts = 32;
const defaultMostParts = 96;
const lookMs = 1_000;
/** Little comes in when there were fewer rows in so many looks. */
const looks = 5;
const fewRows = 100_000;
/** Looks that may fail in a row: an engine that died is back within seconds, and others tell of it. */
const toldFailures = 10;
const timeoutMs = 5_000;

/** Of one merge: a larger part is as good as merged for good. */
const largestMergeBytes: number = 16 * 1024 ** 3;

export class MergePace {
  private readonly options: MergePaceOptions;
  private readonly clock: Clock;
  private readonly freshParts: number;
  private readonly stopping: AbortController = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** Rows that were inserted at the last looks, oldest first. */
  private rows: number[] = [];
  /** Unknown at first: a killed program may have left any. */
  private current: MergeState | undefined;

  constructor(options: MergePaceOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.freshParts = options.freshParts ?? defaultFreshParts;
  }

  get state(): MergeState | undefined {
    return this.current;
  }

  start(): void {
    this.running = this.loop();
  }

  /** Leaves the engine to itself. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.enter("free").catch(() => undefined);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.stopping.signal.aborted) {
      try {
        await this.look();
        failures = 0;
      } catch (error) {
        // Whatever was set last may not stay.
        this.current = undefined;
        failures++;
        if (failures === toldFailures && !this.stopping.signal.aborted)
          this.options.onFailure?.(messageOf(error));
      }
      await this.clock.sleep(lookMs, this.stopping.signal);
    }
  }

  /** One look, once a second while it runs. */
  async look(): Promise<void> {
    const rows = this.options.insertedRows();
    this.rows.push(rows);
    if (this.rows.length > looks + 1) this.rows.shift();
    const isBusy = rows - (this.rows[0] ?? rows) >= fewRows;
    await this.enter(isBusy ? await this.busyState() : "free");
  }

  private async busyState(): Promise<MergeState> {
    const { fresh, allFresh, parts } = await this.countParts();
    const { mostParts = defaultMostParts } = this.options;
    if (parts >= mostParts || allFresh >= mostParts) return "free";
    return fresh >= this.freshParts ? "released" : "held";
  }

  /**
   * Fresh parts were never merged and are in no merge now; only those of one day are merged with each other. `fresh` and `parts`: of the day with the most,
   * `allFresh`: of all days.
   */
  private async countParts(): Promise<{
    readonly fresh: number;
    readonly allFresh: number;
    readonly parts: number;
  }> {
    const own = `database = currentDatabase() AND table = '${tracesTable.name}'`;
    const answer = await this.options.client.query(
      `SELECT toUInt32(max(Fresh)) AS MostFresh, toUInt32(sum(Fresh)) AS AllFresh, toUInt32(max(Parts)) AS MostParts FROM
         (SELECT countIf(level = 0 AND name NOT IN (SELECT arrayJoin(source_part_names) FROM system.merges WHERE ${own})) AS Fresh, count() AS Parts
          FROM system.parts WHERE active AND ${own} GROUP BY partition_id)`,
      { what: "count parts", timeoutMs },
    );
    return {
      fresh: answer.number("MostFresh"),
      allFresh: answer.number("AllFresh"),
      parts: answer.number("MostParts"),
    };
  }

  private async enter(state: MergeState): Promise<void> {
    if (state === this.current) return;
    const change = this.settingsOf(state);
    await this.options.client.command(`ALTER TABLE ${tracesTable.name} ${change}`, {
      what: "set when parts are merged",
      timeoutMs,
      // Questions wait for the table's description to be replaced, and the next start sets it anew.
      settings: { fsync_metadata: 0 },
    });
    this.current = state;
  }

  private settingsOf(state: MergeState): string {
    switch (state) {
      case "free":
        return "RESET SETTING max_bytes_to_merge_at_max_space_in_pool, min_parts_to_merge_at_once, merge_selector_base";
      case "held":
        return "MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1";
      case "released":
        // The base says how much larger than its largest part a merge must be; the number of parts alone decides here.
        return `MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = ${largestMergeBytes}, min_parts_to_merge_at_once = ${this.freshParts}, merge_selector_base = 2`;
    }
  }
}
