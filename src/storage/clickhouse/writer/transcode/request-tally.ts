import { maxBlockBytes, maxBlockRows, rowsOf, type BlockSet } from "../commit/blocks.ts";
import type { BlockSource, Transcoded } from "./transcoder.ts";

/**
 * One request may grow to this size in columns (a resource's attributes are repeated in each row); what goes beyond is rejected, so that a
 * small message cannot fill the memory.
 */
const maxExpandedBytes: number = 256 * 1024 * 1024;

/** Counts the items of one request, and cuts its blocks when they are full. */
export class RequestTally<B extends BlockSet> {
  private readonly source: BlockSource<B>;
  private readonly itemName: string;
  private readonly beforeCut: () => void;
  private accepted = 0;
  private outsideTime = 0;
  private beyondSize = 0;
  private replaced = 0;
  private beyondSeries = 0;
  private seriesBound = 0;
  private blockBytes: number;
  private blockRows: number;
  private allBytes = 0;

  /** `itemName`: "spans". `beforeCut` is called when the open blocks are full, and completes their rows. */
  constructor(source: BlockSource<B>, itemName: string, beforeCut: () => void = () => {}) {
    this.source = source;
    this.itemName = itemName;
    this.beforeCut = beforeCut;
    // Other requests have filled the open blocks already.
    this.blockBytes = source.sizeBytes;
    this.blockRows = rowsOf(source.blocks);
  }

  rejectTime(): void {
    this.outsideTime++;
  }

  /** Points that are no part of their metric, as another kind of data comes after them; protobuf keeps the last (a oneof). */
  rejectReplaced(count: number): void {
    this.replaced += count;
  }

  /** Of a series that may not be started: `bound` are there already. */
  rejectSeries(bound: number): void {
    this.beyondSeries++;
    this.seriesBound = bound;
  }

  /**
   * Asks for room for an item of about `sizeBytes`: 0 rejected, 1 go on, 2 go on with new blocks. Counts it when there is room.
   */
  admit(sizeBytes: number): 0 | 1 | 2 {
    if (this.allBytes + sizeBytes > maxExpandedBytes && this.accepted > 0) {
      this.beyondSize++;
      return 0;
    }
    this.accepted++;
    this.allBytes += sizeBytes;
    this.blockBytes += sizeBytes;
    this.blockRows++;
    if (this.blockBytes <= maxBlockBytes && this.blockRows <= maxBlockRows) return 1;
    this.beforeCut();
    this.source.cut();
    this.blockBytes = sizeBytes;
    this.blockRows = 1;
    return 2;
  }

  finish(): Transcoded {
    const reasons: string[] = [];
    if (this.outsideTime > 0) {
      reasons.push(`${this.outsideTime} ${this.itemName} have a time outside 1900 to 2262`);
    }
    if (this.replaced > 0) {
      reasons.push(
        `${this.replaced} ${this.itemName} lie in a metric that has another kind of data after them: send a metric for each kind`,
      );
    }
    if (this.beyondSize > 0) {
      const size = maxExpandedBytes / 1024 / 1024;
      reasons.push(
        `${this.beyondSize} ${this.itemName} did not fit: with the attributes of their resource in each row the request is larger than ${size} MiB, send smaller batches`,
      );
    }
    if (this.beyondSeries > 0) {
      reasons.push(
        `${this.beyondSeries} ${this.itemName} belong to new series above the bound of ${this.seriesBound} a day: remove attributes whose values never repeat, or raise max_series (--max-series)`,
      );
    }
    return {
      accepted: this.accepted,
      rejected: this.outsideTime + this.replaced + this.beyondSize + this.beyondSeries,
      beyondSeries: this.beyondSeries,
      reason: reasons.join("; "),
    };
  }
}
