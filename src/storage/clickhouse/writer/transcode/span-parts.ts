/** Status, events and links of a span: the parts that are messages of their own. */
import type { AttributeWriter } from "./attribute-writer.ts";
import { ItemAttributes } from "./item-attributes.ts";
import { RangeList } from "./range-list.ts";
import { rawPrefix } from "./raw-values.ts";
import type { TraceColumns } from "./trace-columns.ts";
import type { WireCursor } from "./wire-cursor.ts";

export class SpanPartWriter {
  private readonly cursor: WireCursor;
  private readonly own: ItemAttributes;
  private readonly ranges: RangeList = new RangeList();
  /** Rows at the end that have no events, or no links; most have none, and are written together. */
  private withoutEvents = 0;
  private withoutLinks = 0;

  constructor(cursor: WireCursor, writer: AttributeWriter) {
    this.cursor = cursor;
    this.own = new ItemAttributes(cursor, writer);
  }

  /** `pieces`: the status message, normally one. `codes`: the dictionary numbers of the three status codes. */
  appendStatus(pieces: RangeList, columns: TraceColumns, codes: readonly number[]): void {
    const cursor = this.cursor;
    let code = 0;
    let message = 0;
    let messageEnd = 0;
    for (let index = 0; index < pieces.count; index++) {
      const end = pieces.bounds[index * 2 + 1]!;
      for (let at = pieces.bounds[index * 2]!; at < end;) {
        const tag = cursor.next(at, end);
        at = cursor.end;
        if (tag === 0x12) {
          message = cursor.start;
          messageEnd = at;
        } else if (tag === 0x18) code = cursor.uint32(cursor.start, at);
      }
    }
    columns.statusCode.appendIndex(codes[code] ?? 0);
    columns.statusMessage.append(cursor.bytes, message, messageEnd, cursor.view);
  }

  /** Forgets rows that were taken back. */
  forget(): void {
    this.withoutEvents = this.withoutLinks = 0;
  }

  /** Writes what was put off. */
  completeRows(columns: TraceColumns): void {
    if (this.withoutEvents > 0) this.endEvents(columns, this.withoutEvents);
    if (this.withoutLinks > 0) this.endLinks(columns, this.withoutLinks);
    this.withoutEvents = this.withoutLinks = 0;
  }

  private endEvents(columns: TraceColumns, rows: number): void {
    columns.eventTimes.endRows(rows);
    columns.eventNames.endRows(rows);
    columns.eventAttributes.endRows(rows);
    columns.eventAttributeTypes.endRows(rows);
    columns.eventDropped.endRows(rows);
  }

  private endLinks(columns: TraceColumns, rows: number): void {
    columns.linkTraceIds.endRows(rows);
    columns.linkSpanIds.endRows(rows);
    columns.linkTraceStates.endRows(rows);
    columns.linkFlags.endRows(rows);
    columns.linkAttributes.endRows(rows);
    columns.linkAttributeTypes.endRows(rows);
    columns.linkDropped.endRows(rows);
  }

  /** The row may not be there before `completeRows`. */
  appendEvents(events: RangeList, columns: TraceColumns): void {
    if (events.count === 0) {
      this.withoutEvents++;
      return;
    }
    if (this.withoutEvents > 0) this.endEvents(columns, this.withoutEvents);
    this.withoutEvents = 0;
    for (let index = 0; index < events.count; index++) {
      this.appendEvent(events.bounds[index * 2]!, events.bounds[index * 2 + 1]!, index, columns);
    }
    this.endEvents(columns, 1);
  }

  private appendEvent(start: number, end: number, index: number, columns: TraceColumns): void {
    const { cursor, ranges } = this;
    let timeAt = -1;
    let name = 0;
    let nameEnd = 0;
    let dropped = 0;
    ranges.clear();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x09) timeAt = from;
      else if (tag === 0x12) {
        name = from;
        nameEnd = at;
      } else if (tag === 0x1a) ranges.add(from, at);
      else if (tag === 0x20) dropped = cursor.uint32(from, at);
    }
    cursor.appendTime(timeAt, columns.eventTimes.element);
    columns.eventNames.element.append(cursor.bytes, name, nameEnd, cursor.view);
    columns.eventDropped.element.append(dropped);
    this.own.append(
      ranges,
      columns.eventAttributes.element,
      columns.eventAttributeTypes.element,
      columns.rawAttributes,
      eventPrefix(index),
    );
  }

  /** The row may not be there before `completeRows`. */
  appendLinks(links: RangeList, columns: TraceColumns): void {
    if (links.count === 0) {
      this.withoutLinks++;
      return;
    }
    if (this.withoutLinks > 0) this.endLinks(columns, this.withoutLinks);
    this.withoutLinks = 0;
    for (let index = 0; index < links.count; index++) {
      this.appendLink(links.bounds[index * 2]!, links.bounds[index * 2 + 1]!, index, columns);
    }
    this.endLinks(columns, 1);
  }

  private appendLink(start: number, end: number, index: number, columns: TraceColumns): void {
    const { cursor, ranges } = this;
    const { bytes } = cursor;
    let traceId = 0;
    let traceIdEnd = 0;
    let spanId = 0;
    let spanIdEnd = 0;
    let state = 0;
    let stateEnd = 0;
    let dropped = 0;
    let flags = 0;
    ranges.clear();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x0a) {
        traceId = from;
        traceIdEnd = at;
      } else if (tag === 0x12) {
        spanId = from;
        spanIdEnd = at;
      } else if (tag === 0x1a) {
        state = from;
        stateEnd = at;
      } else if (tag === 0x22) ranges.add(from, at);
      else if (tag === 0x28) dropped = cursor.uint32(from, at);
      else if (tag === 0x35) flags = cursor.fixed32(from);
    }
    columns.linkTraceIds.element.appendHex(bytes, traceId, traceIdEnd);
    columns.linkSpanIds.element.appendHex(bytes, spanId, spanIdEnd);
    columns.linkTraceStates.element.append(bytes, state, stateEnd, cursor.view);
    columns.linkFlags.element.append(flags);
    columns.linkDropped.element.append(dropped);
    this.own.append(
      ranges,
      columns.linkAttributes.element,
      columns.linkAttributeTypes.element,
      columns.rawAttributes,
      linkPrefix(index),
    );
  }
}

const eventPrefixes: Uint8Array[] = [];
const linkPrefixes: Uint8Array[] = [];

// The first prefixes are kept; a span with thousands of events must not fill the memory with theirs.
const keptPrefixes = 128;

function eventPrefix(index: number): Uint8Array {
  if (index >= keptPrefixes) return rawPrefix(`e${index}`);
  return (eventPrefixes[index] ??= rawPrefix(`e${index}`));
}

function linkPrefix(index: number): Uint8Array {
  if (index >= keptPrefixes) return rawPrefix(`l${index}`);
  return (linkPrefixes[index] ??= rawPrefix(`l${index}`));
}
