/**
 * Counts which attribute keys the rows of a block carry, for `otel_attribute_keys`: one pass over the numbers of the keys when the block is complete, so
 * that nothing is done for each item. Rows are counted by tenant and hour of their time (UTC); a key that an item has twice counts twice.
 */
import { attributeKeysTable, type KeyStream } from "../../schema/tables.ts";
import type { TableBlock } from "../commit/blocks.ts";
import type { Column } from "../native/column.ts";
import type { NumberColumn, WideColumn } from "../native/fixed-columns.ts";
import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import type { MapColumn } from "../native/map-column.ts";
import { TableColumns } from "../native/table-columns.ts";

const hourNano = 3_600_000_000_000n;
/** The last hour that a DateTime can hold. */
const lastHour = 0xffffffff - (0xffffffff % 3600);
/** Of one block. More come only of items whose times go over thousands of hours, with many keys each. */
const maxRows = 1_000_000;

/** The columns of a block whose keys are counted. */
export interface KeySource {
  /** DateTime64(9), none before 1970. */
  readonly timestamp: WideColumn;
  readonly tenant: LowCardinalityColumn;
  readonly maps: readonly (readonly [
    scope: "resource" | "span" | "log",
    map: MapColumn<LowCardinalityColumn, Column>,
  ])[];
}

/** Rows of one tenant and hour, as bounds of runs: start, end (exclusive), start, end ... */
interface Group {
  readonly tenant: number;
  readonly hour: number;
  readonly runs: number[];
}

export class AttributeKeyColumns {
  private readonly of: TableColumns = new TableColumns(attributeKeysTable);
  private readonly tenant: LowCardinalityColumn = this.of.lowCardinality("Tenant");
  private readonly signal: LowCardinalityColumn = this.of.lowCardinality("Signal");
  private readonly scope: LowCardinalityColumn = this.of.lowCardinality("Scope");
  private readonly key: LowCardinalityColumn = this.of.lowCardinality("Key");
  private readonly hour: NumberColumn = this.of.number("Hour", "DateTime");
  private readonly count: WideColumn = this.of.wide("Count", "UInt64");
  private readonly signalName: string;
  readonly table: TableBlock;

  constructor(signal: "traces" | "logs", stream: KeyStream) {
    this.signalName = signal;
    this.table = { table: stream, block: this.of.finish() };
  }

  /** Appends the counts of a block; returns how many had no room. */
  append({ timestamp, tenant, maps }: KeySource): number {
    const groups = groupRows(timestamp, tenant);
    const signal = this.signal.indexOf(this.signalName);
    let leftOut = 0;
    for (const [scope, map] of maps) {
      const { dictionary } = map.keys;
      const counts = new Uint32Array(dictionary.size);
      const scopeIndex = this.scope.indexOf(scope);
      for (const group of groups) {
        const seen: number[] = [];
        for (let at = 0; at < group.runs.length; at += 2) {
          const from = map.firstPair(group.runs[at]!);
          map.keys.countRows(from, map.firstPair(group.runs[at + 1]!), counts, seen);
        }
        const tenantIndex = this.tenant.dictionary.findEntry(tenant.dictionary, group.tenant);
        for (const entry of seen) {
          if (this.count.rows < maxRows) {
            this.tenant.appendIndex(tenantIndex);
            this.signal.appendIndex(signal);
            this.scope.appendIndex(scopeIndex);
            this.key.appendIndex(this.key.dictionary.findEntry(dictionary, entry));
            this.hour.append(group.hour);
            this.count.append(counts[entry]!, 0);
          } else leftOut++;
          counts[entry] = 0;
        }
      }
    }
    return leftOut;
  }
}

/** In order of first sight. */
function groupRows(timestamp: WideColumn, tenant: LowCardinalityColumn): readonly Group[] {
  const groups = new Map<string, Group>();
  const hour = new Hour();
  let present: Group | undefined;
  for (let row = 0; row < timestamp.rows; row++) {
    const low = timestamp.lowAt(row);
    const high = timestamp.highAt(row);
    const owner = tenant.indexAt(row);
    if (present !== undefined && present.tenant === owner && hour.holds(low, high)) continue;
    present?.runs.push(row);
    hour.moveTo(low, high);
    const name = `${owner} ${hour.seconds}`;
    present = groups.get(name);
    if (present === undefined) {
      present = { tenant: owner, hour: hour.seconds, runs: [] };
      groups.set(name, present);
    }
    present.runs.push(row);
  }
  present?.runs.push(timestamp.rows);
  return [...groups.values()];
}

/** The hour around a time, with bounds in words, as a division of 64 bits for each row would cost more than all the rest. */
class Hour {
  /** Its start, Unix seconds. */
  seconds = 0;
  private fromLow = 0;
  private fromHigh = 0;
  private toLow = 0;
  private toHigh = 0;

  holds(low: number, high: number): boolean {
    return (
      (high > this.fromHigh || (high === this.fromHigh && low >= this.fromLow)) &&
      (high < this.toHigh || (high === this.toHigh && low < this.toLow))
    );
  }

  moveTo(low: number, high: number): void {
    const time = (BigInt(high) << 32n) | BigInt(low);
    const from = time - (time % hourNano);
    const to = from + hourNano;
    this.seconds = Math.min(lastHour, Number(from / 1_000_000_000n));
    this.fromLow = Number(from & 0xffffffffn);
    this.fromHigh = Number(from >> 32n);
    this.toLow = Number(to & 0xffffffffn);
    this.toHigh = Number(to >> 32n);
  }
}
