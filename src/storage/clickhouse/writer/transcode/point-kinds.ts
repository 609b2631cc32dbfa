/** How each kind of data point is read and written. */
import { MalformedWireError } from "../../../../telemetry/wire/malformed.ts";
import { decodeZigzag } from "../../../../telemetry/wire/number.ts";
import type { ArrayColumn } from "../native/array-column.ts";
import type { WideColumn } from "../native/fixed-columns.ts";
import type { MetricColumns, PointColumns } from "./metric-columns.ts";
import { appendNumber } from "./number-value.ts";
import type { PointState, PointTags } from "./point-state.ts";
import { RangeList } from "./range-list.ts";
import type { WireCursor } from "./wire-cursor.ts";

/** Bits of the column `Present`. */
const presentBits = { sum: 1, min: 2, max: 4 } as const;

export interface PointKind {
  /** Reads the message [start, end): common fields into `point`, its own into itself. */
  read(start: number, end: number, point: PointState): void;
  columns(blocks: MetricColumns): PointColumns;
  /** Appends its own columns. */
  write(blocks: MetricColumns): void;
}

/** Gauges and sums. */
export class NumberPoint implements PointKind {
  private readonly cursor: WireCursor;
  private readonly tags: PointTags = { attributes: 0x3a, exemplars: 0x2a, flags: 0x40 };
  private doubleAt = -1;
  private intAt = -1;

  constructor(cursor: WireCursor) {
    this.cursor = cursor;
  }

  read(start: number, end: number, point: PointState): void {
    const cursor = this.cursor;
    this.doubleAt = this.intAt = -1;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x21) {
        this.doubleAt = from;
        this.intAt = -1;
      } else if (tag === 0x31) {
        this.intAt = from;
        this.doubleAt = -1;
      } else point.take(tag, this.tags);
    }
  }

  columns(blocks: MetricColumns): PointColumns {
    return blocks.samples;
  }

  write(blocks: MetricColumns): void {
    appendNumber(this.cursor, this.doubleAt, this.intAt, blocks.samples);
  }
}

/** Histograms with explicit bounds. */
export class HistogramPoint implements PointKind {
  private readonly cursor: WireCursor;
  private readonly tags: PointTags = { attributes: 0x4a, exemplars: 0x42, flags: 0x50 };
  private readonly counts: RangeList = new RangeList();
  private readonly bounds: RangeList = new RangeList();
  private countAt = -1;
  private sumAt = -1;
  private minAt = -1;
  private maxAt = -1;

  constructor(cursor: WireCursor) {
    this.cursor = cursor;
  }

  read(start: number, end: number, point: PointState): void {
    const cursor = this.cursor;
    this.countAt = this.sumAt = this.minAt = this.maxAt = -1;
    this.counts.clear();
    this.bounds.clear();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x21) this.countAt = from;
      else if (tag === 0x29) this.sumAt = from;
      else if (tag === 0x59) this.minAt = from;
      else if (tag === 0x61) this.maxAt = from;
      // Packed or one by one: the values' bytes are the same.
      else if (tag === 0x32 || tag === 0x31) this.counts.add(from, at);
      else if (tag === 0x3a || tag === 0x39) this.bounds.add(from, at);
      else point.take(tag, this.tags);
    }
  }

  columns(blocks: MetricColumns): PointColumns {
    return blocks.histograms;
  }

  write(blocks: MetricColumns): void {
    const { cursor } = this;
    const columns = blocks.histograms;
    appendWide(cursor, this.countAt, columns.count);
    appendWide(cursor, this.sumAt, columns.sum);
    appendWide(cursor, this.minAt, columns.min);
    appendWide(cursor, this.maxAt, columns.max);
    columns.present.append(present(this.sumAt, this.minAt, this.maxAt));
    appendFixed(cursor, this.counts, columns.bucketCounts);
    appendFixed(cursor, this.bounds, columns.explicitBounds);
  }
}

export class ExponentialHistogramPoint implements PointKind {
  private readonly cursor: WireCursor;
  private readonly tags: PointTags = { attributes: 0x0a, exemplars: 0x5a, flags: 0x50 };
  private countAt = -1;
  private sumAt = -1;
  private minAt = -1;
  private maxAt = -1;
  private zeroCountAt = -1;
  private zeroThresholdAt = -1;
  private scale = 0;
  private readonly positive: RangeList = new RangeList();
  private readonly negative: RangeList = new RangeList();

  constructor(cursor: WireCursor) {
    this.cursor = cursor;
  }

  read(start: number, end: number, point: PointState): void {
    const cursor = this.cursor;
    this.countAt = this.sumAt = this.minAt = this.maxAt = this.zeroCountAt = this.zeroThresholdAt = -1;
    this.scale = 0;
    this.positive.clear();
    this.negative.clear();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x21) this.countAt = from;
      else if (tag === 0x29) this.sumAt = from;
      else if (tag === 0x61) this.minAt = from;
      else if (tag === 0x69) this.maxAt = from;
      else if (tag === 0x39) this.zeroCountAt = from;
      else if (tag === 0x71) this.zeroThresholdAt = from;
      else if (tag === 0x30) this.scale = decodeZigzag(cursor.uint32(from, at));
      else if (tag === 0x42) this.positive.add(from, at);
      else if (tag === 0x4a) this.negative.add(from, at);
      else point.take(tag, this.tags);
    }
  }

  columns(blocks: MetricColumns): PointColumns {
    return blocks.exponentialHistograms;
  }

  write(blocks: MetricColumns): void {
    const { cursor } = this;
    const columns = blocks.exponentialHistograms;
    appendWide(cursor, this.countAt, columns.count);
    appendWide(cursor, this.sumAt, columns.sum);
    appendWide(cursor, this.minAt, columns.min);
    appendWide(cursor, this.maxAt, columns.max);
    columns.present.append(present(this.sumAt, this.minAt, this.maxAt));
    columns.scale.append(this.scale);
    appendWide(cursor, this.zeroCountAt, columns.zeroCount);
    appendWide(cursor, this.zeroThresholdAt, columns.zeroThreshold);
    columns.positiveOffset.append(appendBuckets(cursor, this.positive, columns.positiveCounts));
    columns.negativeOffset.append(appendBuckets(cursor, this.negative, columns.negativeCounts));
  }
}

export class SummaryPoint implements PointKind {
  private readonly cursor: WireCursor;
  private readonly tags: PointTags = { attributes: 0x3a, exemplars: -1, flags: 0x40 };
  private countAt = -1;
  private sumAt = -1;
  private readonly quantiles: RangeList = new RangeList();

  constructor(cursor: WireCursor) {
    this.cursor = cursor;
  }

  read(start: number, end: number, point: PointState): void {
    const cursor = this.cursor;
    this.countAt = this.sumAt = -1;
    this.quantiles.clear();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x21) this.countAt = from;
      else if (tag === 0x29) this.sumAt = from;
      else if (tag === 0x32) this.quantiles.add(from, at);
      else point.take(tag, this.tags);
    }
  }

  columns(blocks: MetricColumns): PointColumns {
    return blocks.summaries;
  }

  write(blocks: MetricColumns): void {
    const { cursor, quantiles } = this;
    const columns = blocks.summaries;
    appendWide(cursor, this.countAt, columns.count);
    appendWide(cursor, this.sumAt, columns.sum);
    for (let index = 0; index < quantiles.count; index++) {
      let quantileAt = -1;
      let valueAt = -1;
      const end = quantiles.bounds[index * 2 + 1]!;
      for (let at = quantiles.bounds[index * 2]!; at < end; at = cursor.end) {
        const tag = cursor.next(at, end);
        if (tag === 0x09) quantileAt = cursor.start;
        else if (tag === 0x11) valueAt = cursor.start;
      }
      appendWide(cursor, quantileAt, columns.quantiles.element);
      appendWide(cursor, valueAt, columns.quantileValues.element);
    }
    columns.quantiles.endRow();
    columns.quantileValues.endRow();
  }
}

function present(sumAt: number, minAt: number, maxAt: number): number {
  return (
    (sumAt === -1 ? 0 : presentBits.sum) |
    (minAt === -1 ? 0 : presentBits.min) |
    (maxAt === -1 ? 0 : presentBits.max)
  );
}

/** Appends the 64 bits at `at`, or 0 for -1. */
function appendWide(cursor: WireCursor, at: number, column: WideColumn): void {
  if (at === -1) column.append(0, 0);
  else column.append(cursor.low(at), cursor.high(at));
}

/** Appends all 64-bit values in the ranges as one row. */
function appendFixed(cursor: WireCursor, ranges: RangeList, column: ArrayColumn<WideColumn>): void {
  for (let index = 0; index < ranges.count; index++) {
    const start = ranges.bounds[index * 2]!;
    const end = ranges.bounds[index * 2 + 1]!;
    if ((end - start) % 8 !== 0) throw new MalformedWireError("packed values are cut off", start);
    column.element.appendWords(cursor.view, start, end);
  }
  column.endRow();
}

/** Appends the counts of a Buckets message (its pieces, when it was sent in several) as one row; returns the offset. */
function appendBuckets(cursor: WireCursor, ranges: RangeList, column: ArrayColumn<WideColumn>): number {
  let offset = 0;
  for (let index = 0; index < ranges.count; index++) {
    const end = ranges.bounds[index * 2 + 1]!;
    for (let at = ranges.bounds[index * 2]!; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x08) offset = decodeZigzag(cursor.uint32(from, at));
      else if (tag === 0x12 || tag === 0x10) appendVarints(cursor, from, at, column.element);
    }
  }
  column.endRow();
  return offset;
}

function appendVarints(cursor: WireCursor, start: number, end: number, column: WideColumn): void {
  for (let at = start; at < end;) {
    const next = cursor.varintEnd(at, end);
    if (next - at <= 4) column.append(cursor.uint32(at, next), 0);
    else column.appendBigint(cursor.uint64(at, next));
    at = next;
  }
}
