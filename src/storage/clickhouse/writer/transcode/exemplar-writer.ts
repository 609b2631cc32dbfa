/** Writes the exemplars of a data point as rows of their own table. */
import type { AttributeWriter } from "./attribute-writer.ts";
import { ItemAttributes } from "./item-attributes.ts";
import type { ExemplarColumns } from "./metric-columns.ts";
import type { MetricState } from "./metric-state.ts";
import { appendNumber } from "./number-value.ts";
import type { PointState } from "./point-state.ts";
import { RangeList } from "./range-list.ts";
import type { WireCursor } from "./wire-cursor.ts";

export class ExemplarWriter {
  private readonly cursor: WireCursor;
  private readonly own: ItemAttributes;
  private readonly ranges: RangeList = new RangeList();

  constructor(cursor: WireCursor, writer: AttributeWriter) {
    this.cursor = cursor;
    this.own = new ItemAttributes(cursor, writer);
  }

  appendAll(point: PointState, metric: MetricState, tenant: Uint8Array, columns: ExemplarColumns): void {
    const { bounds, count } = point.exemplars;
    for (let index = 0; index < count; index++) {
      this.append(bounds[index * 2]!, bounds[index * 2 + 1]!, columns);
      columns.tenant.append(tenant, 0, tenant.length);
      columns.metricName.append(this.cursor.bytes, metric.name, metric.nameEnd, this.cursor.view);
      columns.fingerprint.append(point.fingerprint.low, point.fingerprint.high);
      this.cursor.appendTime(point.timeAt, columns.pointTimestamp);
    }
  }

  private append(start: number, end: number, columns: ExemplarColumns): void {
    const { cursor, ranges } = this;
    let timeAt = -1;
    let doubleAt = -1;
    let intAt = -1;
    let traceId = 0;
    let traceIdEnd = 0;
    let spanId = 0;
    let spanIdEnd = 0;
    ranges.clear();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x11) timeAt = from;
      else if (tag === 0x19) {
        doubleAt = from;
        intAt = -1;
      } else if (tag === 0x31) {
        intAt = from;
        doubleAt = -1;
      } else if (tag === 0x22) {
        spanId = from;
        spanIdEnd = at;
      } else if (tag === 0x2a) {
        traceId = from;
        traceIdEnd = at;
      } else if (tag === 0x3a) ranges.add(from, at);
    }
    cursor.appendTime(timeAt, columns.timestamp);
    appendNumber(cursor, doubleAt, intAt, columns);
    columns.traceId.appendHex(cursor.bytes, traceId, traceIdEnd);
    columns.spanId.appendHex(cursor.bytes, spanId, spanIdEnd);
    this.own.append(ranges, columns.attributes, columns.attributeTypes, columns.rawAttributes);
    columns.rawAttributes.endRow();
  }
}
