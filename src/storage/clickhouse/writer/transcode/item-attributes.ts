/** Writes the attributes of one span, event, link, log record, series or exemplar, as a row of its three columns. */
import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import type { AttributesColumn, TextMapColumn } from "../native/map-column.ts";
import type { AttributeWriter } from "./attribute-writer.ts";
import { Letters } from "./letters.ts";
import type { RangeList } from "./range-list.ts";
import { appendRaw, needsRaw, rawPrefix } from "./raw-values.ts";
import type { WireCursor } from "./wire-cursor.ts";

const itemPrefix = rawPrefix("s");

export class ItemAttributes {
  private readonly cursor: WireCursor;
  private readonly writer: AttributeWriter;
  private readonly letters: Letters = new Letters();

  constructor(cursor: WireCursor, writer: AttributeWriter) {
    this.cursor = cursor;
    this.writer = writer;
  }

  /** Appends one row of map and types; pairs only of `raw`, whose row the caller closes. */
  append(
    ranges: RangeList,
    column: AttributesColumn,
    types: LowCardinalityColumn,
    raw: TextMapColumn,
    prefix: Uint8Array = itemPrefix,
  ): void {
    const { bounds, count } = ranges;
    const { writer, letters } = this;
    for (let index = 0; index < count; index++) {
      const start = bounds[index * 2]!;
      const end = bounds[index * 2 + 1]!;
      const plain = writer.appendPlain(start, end, column);
      if (plain !== 0) {
        letters.add(plain);
        continue;
      }
      const letter = writer.append(start, end, column);
      letters.add(letter);
      if (needsRaw(letter)) {
        appendRaw(raw, prefix, this.cursor.bytes, this.cursor.view, writer);
      }
    }
    column.endRow();
    letters.flush(types);
  }
}
