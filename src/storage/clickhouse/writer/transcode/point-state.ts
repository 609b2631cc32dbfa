/** What all kinds of data points have in common, of the point being read. */
import type { AttributeWriter } from "./attribute-writer.ts";
import { RangeList } from "./range-list.ts";
import { SeriesHash } from "./series-hash.ts";
import type { WireCursor } from "./wire-cursor.ts";
import type { PointColumns } from "./metric-columns.ts";

/** Tags of the common fields, which differ between the kinds. */
export interface PointTags {
  readonly attributes: number;
  readonly exemplars: number;
  readonly flags: number;
}

export class PointState {
  private readonly cursor: WireCursor;
  private readonly writer: AttributeWriter;
  readonly attributes: RangeList = new RangeList();
  readonly exemplars: RangeList = new RangeList();
  private readonly attributeHash: SeriesHash = new SeriesHash();
  /** Of the whole series, set by `identify`. */
  readonly fingerprint: SeriesHash = new SeriesHash();
  startTimeAt = -1;
  timeAt = -1;
  flags = 0;

  constructor(cursor: WireCursor, writer: AttributeWriter) {
    this.cursor = cursor;
    this.writer = writer;
  }

  begin(): void {
    this.attributes.clear();
    this.exemplars.clear();
    this.attributeHash.clear();
    this.startTimeAt = this.timeAt = -1;
    this.flags = 0;
  }

  /** Takes the field that the cursor is at when it is a common one; false when it is not. */
  take(tag: number, tags: PointTags): boolean {
    const cursor = this.cursor;
    const { start, end } = cursor;
    if (tag === tags.attributes) {
      this.attributes.add(start, end);
      this.writer.locate(start, end);
      this.attributeHash.addPair(cursor.bytes, cursor.view, this.writer);
    } else if (tag === 0x19) this.timeAt = start;
    else if (tag === 0x11) this.startTimeAt = start;
    else if (tag === tags.exemplars) this.exemplars.add(start, end);
    else if (tag === tags.flags) this.flags = cursor.uint32(start, end);
    else return false;
    return true;
  }

  /** See span-transcoder.ts. */
  hasImpossibleTime(): boolean {
    return this.timeAt !== -1 && this.cursor.high(this.timeAt) >= 0x80000000;
  }

  /** Makes the fingerprint of the series that the point belongs to from the hash of all but its attributes. */
  identify(metric: SeriesHash): void {
    this.fingerprint.low = metric.low;
    this.fingerprint.high = metric.high;
    this.fingerprint.addWords(this.attributeHash.low, this.attributeHash.high);
  }

  /** Days since 1970 of the point's time, at most what Date holds (2149). */
  get day(): number {
    if (this.timeAt === -1) return 0;
    // A day is 2^16 * 1318359375 ns: exact in numbers below 2^53.
    const high = this.cursor.high(this.timeAt) * 65_536;
    const days = Math.floor((high + (this.cursor.low(this.timeAt) >>> 16)) / 1_318_359_375);
    return Math.min(days, 65_535);
  }

  /** Appends the columns that all tables of points have, save tenant and name, which all points of a metric share. */
  append(columns: PointColumns): void {
    const cursor = this.cursor;
    columns.fingerprint.append(this.fingerprint.low, this.fingerprint.high);
    cursor.appendTime(this.timeAt, columns.timestamp);
    cursor.appendTime(this.startTimeAt, columns.startTimestamp);
    columns.flags.append(this.flags);
  }
}
