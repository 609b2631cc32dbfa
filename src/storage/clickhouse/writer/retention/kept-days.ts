/**
 * Days that age spares for a while: telemetry older than the retention that was imported for keeping. Kept in a file of the data
 * directory, so that a restart does not drop what was just imported.
 */
import { readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { KeptDay } from "../../../usage.ts";

export const keptDaysFile = "kept-days.json";

export class KeptDays {
  private readonly path: string;
  private readonly until: Map<string, number>;

  /** A missing or unreadable file is an empty list: then age decides, as without it. */
  constructor(directory: string) {
    this.path = join(directory, keptDaysFile);
    this.until = new Map(readFile(this.path).map(({ day, untilMs }) => [day, untilMs]));
  }

  readonly untilOf = (day: string): number | undefined => this.until.get(day);

  /** Those that are not over, oldest first. */
  list(nowMs: number): readonly KeptDay[] {
    return [...this.until]
      .filter(([, untilMs]) => untilMs > nowMs)
      .map(([day, untilMs]) => ({ day, untilMs }))
      .sort((left, right) => (left.day < right.day ? -1 : 1));
  }

  /** Spares these days until then; resolves when that is on disk. */
  async keep(days: readonly string[], untilMs: number, nowMs: number): Promise<void> {
    for (const day of days) this.until.set(day, Math.max(untilMs, this.until.get(day) ?? 0));
    const draft = `${this.path}.new`;
    const file = await open(draft, "w", 0o600);
    await file.writeFile(JSON.stringify(this.list(nowMs)));
    await file.sync();
    await file.close();
    await rename(draft, this.path);
  }
}

function readFile(path: string): readonly KeptDay[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(parsed) ? parsed.filter(isKeptDay) : [];
  } catch {
    return [];
  }
}

function isKeptDay(value: unknown): value is KeptDay {
  return (
    typeof value === "object" &&
    value !== null &&
    "day" in value &&
    typeof value.day === "string" &&
    "untilMs" in value &&
    typeof value.untilMs === "number"
  );
}
