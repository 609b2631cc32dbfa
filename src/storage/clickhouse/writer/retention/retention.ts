/**
 * Drops what is too old or too much: whole parts, oldest first, in all tables alike. A part goes when its newest row is too old; one in which
 * merges have mixed old rows with young ones is rewritten once they are a quarter (at most a day) over the limit. A part that is large against
 * the limit of size is rewritten without its oldest rows. Every action is reported and counted, none is silent.
 */
import { systemClock, type Clock } from "../../../../base/clock.ts";
import { messageOf } from "../../../../base/error.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { tables } from "../../schema/tables.ts";
import type { RetentionSettings } from "../../../usage.ts";
import { amountOf } from "./forecast.ts";
import { readParts, type TablePart } from "./parts.ts";
import { planRetention, type KeptUntil, type PlannedTrim } from "./plan.ts";
import { readEdges, timeColumns } from "./read-edges.ts";
import { Rewriter } from "./rewriter.ts";

export interface RetentionOptions extends RetentionSettings {
  readonly client: ClickHouseClient;
  /** Days that age spares; none when absent. */
  readonly keptUntil?: KeptUntil;
  readonly clock?: Clock;
  /** Told once for each table and reason of a round. */
  readonly report?: (action: RetentionAction) => void;
  /** Told once when rounds begin to fail; the next round tries again. */
  readonly onFailure?: (reason: string) => void;
  /** Default one minute. */
  readonly intervalMs?: number;
}

export interface RetentionAction {
  readonly table: string;
  readonly parts: number;
  readonly rows: number;
  /** An estimate, by rows, for parts that were rewritten. */
  readonly bytes: number;
  /** "older than 7d", or that it was the oldest when the disk limit was reached. */
  readonly reason: string;
}

const tableNames = tables.map((table) => table.name);
/** Parts stay small against the limit, so that the oldest can be dropped as they are; only larger ones cost a rewrite. */
const partsInLimit = 20;

export class Retention {
  private readonly options: RetentionOptions;
  private readonly clock: Clock;
  private readonly stopping = new AbortController();
  private readonly rewriter: Rewriter;
  private running: Promise<void> = Promise.resolve();
  private failing = false;
  /** Since the start, all tables. */
  droppedRows = 0;
  droppedBytes = 0;

  constructor(options: RetentionOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.rewriter = new Rewriter(options.client, this.clock, this.stopping.signal);
  }

  /** Runs a round at once and then every interval until `stop`; does nothing without limits. */
  start(): void {
    const { maxAgeMs, tenants = {}, maxBytes } = this.options;
    const ages = [maxAgeMs, ...Object.values(tenants)].flatMap((bySignal) => Object.values(bySignal));
    if (ages.every((age) => age === 0) && maxBytes === 0) return;
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    let isLimited = false;
    while (!this.stopping.signal.aborted) {
      try {
        if (!isLimited) await this.limitPartSizes();
        isLimited = true;
        await this.runOnce();
        this.failing = false;
      } catch (error) {
        if (!this.failing && !this.stopping.signal.aborted) this.options.onFailure?.(messageOf(error));
        this.failing = true;
      }
      await this.clock.sleep(this.options.intervalMs ?? 60_000, this.stopping.signal);
    }
  }

  private async limitPartSizes(): Promise<void> {
    const { client, maxBytes } = this.options;
    if (maxBytes === 0) return;
    const largest = Math.max(16 * 1024 * 1024, Math.floor(maxBytes / partsInLimit));
    for (const table of tableNames) {
      await client.command(
        `ALTER TABLE ${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = ${largest}`,
        { what: "limit the size of parts" },
      );
    }
  }

  /** One round; returns what was dropped. */
  async runOnce(): Promise<readonly RetentionAction[]> {
    const parts = await readParts(this.options.client, tableNames);
    const actions = new Map<string, RetentionAction>();
    const note = (part: TablePart, rows: number, bytes: number, reason: string): void => {
      const key = `${part.table} ${reason}`;
      const before = actions.get(key) ?? { table: part.table, parts: 0, rows: 0, bytes: 0, reason };
      actions.set(key, {
        ...before,
        parts: before.parts + 1,
        rows: before.rows + rows,
        bytes: before.bytes + bytes,
      });
      this.droppedRows += rows;
      this.droppedBytes += bytes;
    };
    const { client, maxBytes, keptUntil } = this.options;
    const size = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const edges = size > maxBytes ? await readEdges(client, parts, this.options) : undefined;
    const plan = planRetention(parts, this.options, this.clock.now(), keptUntil, edges);
    for (const { part, reason } of plan.drops) {
      if (await this.drop(part)) note(part, part.rows, part.sizeBytes, reason);
    }
    const trimmed = new Set<string>();
    for (const trim of plan.trims) {
      const { part, reason } = trim;
      // One statement rewrites all parts of a day.
      const statement = `${part.table} ${part.day} ${reason}`;
      if (trimmed.has(statement)) continue;
      trimmed.add(statement);
      const rows = await this.trim(trim);
      const ofDay = parts.filter(({ table, day }) => table === part.table && day === part.day);
      const all = amountOf(ofDay);
      if (rows > 0) note(part, rows, Math.round((all.bytesOnDisk * rows) / Math.max(all.rows, rows)), reason);
    }
    for (const action of actions.values()) this.options.report?.(action);
    return [...actions.values()];
  }

  /** Rewrites the day's parts without the rows that are too old; returns how many those were. */
  private async trim({ part: { table, day }, beforeMs, dueBeforeMs, owners }: PlannedTrim): Promise<number> {
    const column = timeColumns.get(table);
    if (column === undefined || day === "") return 0;
    const older = (ms: number): string => `${column} < fromUnixTimestamp64Milli(${Math.floor(ms)})`;
    const isOld = [older(beforeMs), ...(owners === undefined ? [] : [owners])].join(" AND ");
    const answer = await this.options.client.queryRows(
      `SELECT count(), countIf(${older(dueBeforeMs ?? beforeMs)}) FROM ${table} WHERE ${isOld} AND toDate(${column}) = '${day}'`,
      { what: `count old rows of ${table}` },
    );
    const [rows = 0, due = 0] = answer.rows[0]?.map(Number) ?? [];
    if (due === 0) return 0;
    await this.rewriter.deleteRows(table, day, isOld);
    return rows;
  }

  /** False when the part was merged away meanwhile: the next round sees its successor. */
  private async drop(part: TablePart): Promise<boolean> {
    try {
      await this.options.client.command(`ALTER TABLE ${part.table} DROP PART '${part.name}'`, {
        what: `drop old rows of ${part.table}`,
      });
      return true;
    } catch (error) {
      if (isMissingPart(error)) return false;
      throw error;
    }
  }
}

/** NO_SUCH_DATA_PART. */
function isMissingPart(error: unknown): boolean {
  return error instanceof Error && "clickhouseCode" in error && error.clickhouseCode === 232;
}
