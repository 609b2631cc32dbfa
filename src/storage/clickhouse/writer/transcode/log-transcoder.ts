/**
 * ExportLogsServiceRequest bytes to rows of `otel_logs`; built like span-transcoder.ts. Hot; benchmark: bench/ingest.ts.
 */
import { AttributeWriter, mergePieces } from "./attribute-writer.ts";
import { ItemAttributes } from "./item-attributes.ts";
import { LogColumns } from "./log-columns.ts";
import { OriginState } from "./origin-state.ts";
import { RangeList } from "./range-list.ts";
import { needsRaw } from "./raw-values.ts";
import { RequestTally } from "./request-tally.ts";
import type { BlockSource, TranscodeContext, Transcoded, Transcoder } from "./transcoder.ts";
import { typeLetters } from "./type-letters.ts";
import { WireCursor } from "./wire-cursor.ts";

/** Key of the body in RawAttributes. */
const bodyKey = new TextEncoder().encode("body");
const oneLetter = new Uint8Array(1);

export class LogTranscoder implements Transcoder<LogColumns> {
  private readonly cursor: WireCursor = new WireCursor();
  private readonly attributes: AttributeWriter = new AttributeWriter(this.cursor);
  private readonly origin: OriginState = new OriginState(this.cursor, this.attributes, false);
  private readonly own: ItemAttributes = new ItemAttributes(this.cursor, this.attributes);
  private readonly ranges: RangeList = new RangeList();
  // Offsets of the present record's fields; -1 or an empty range where absent.
  private timeAt = -1;
  private observedAt = -1;
  private severity = 0;
  private severityText = 0;
  private severityTextEnd = 0;
  private body = 0;
  private bodyEnd = 0;
  private bodyCount = 0;
  private record = 0;
  private recordEnd = 0;
  private traceId = 0;
  private traceIdEnd = 0;
  private spanId = 0;
  private spanIdEnd = 0;
  private eventName = 0;
  private eventNameEnd = 0;
  private flags = 0;
  private dropped = 0;
  private tenant = 0;
  /** Rows that lack what all records of the present scope have in common. */
  private openRows = 0;

  createBlocks(): LogColumns {
    return new LogColumns();
  }

  forget(): void {}

  transcode(bytes: Uint8Array, context: TranscodeContext, source: BlockSource<LogColumns>): Transcoded {
    const cursor = this.cursor;
    const { arrivedMs } = context;
    const tally = new RequestTally(source, "log records", () => this.completeRows(source.blocks, arrivedMs));
    // What a malformed request left; its rows were taken back.
    this.openRows = 0;
    cursor.open(bytes);
    for (let at = 0; at < bytes.length;) {
      const tag = cursor.next(at, bytes.length);
      at = cursor.end;
      if (tag === 0x0a) this.resourceLogs(cursor.start, at, context, source, tally);
    }
    cursor.close();
    return tally.finish();
  }

  private resourceLogs(
    start: number,
    end: number,
    context: TranscodeContext,
    source: BlockSource<LogColumns>,
    tally: RequestTally<LogColumns>,
  ): void {
    const cursor = this.cursor;
    this.origin.readResource(start, end);
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag === 0x12) this.scopeLogs(cursor.start, at, context, source, tally);
    }
  }

  private scopeLogs(
    start: number,
    end: number,
    context: TranscodeContext,
    source: BlockSource<LogColumns>,
    tally: RequestTally<LogColumns>,
  ): void {
    const cursor = this.cursor;
    this.origin.readScope(start, end);
    this.bind(source.blocks, context);
    const originBytes = this.origin.rowBytes;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag !== 0x12) continue;
      const from = cursor.start;
      this.readRecord(from, at);
      if (this.hasImpossibleTime()) {
        tally.rejectTime();
        continue;
      }
      const room = tally.admit(at - from + originBytes);
      if (room === 0) continue;
      if (room === 2) this.bind(source.blocks, context);
      this.writeRecord(source.blocks, context.arrivedMs);
    }
    this.completeRows(source.blocks, context.arrivedMs);
  }

  /** Writes the columns in which all open rows are alike. */
  private completeRows(columns: LogColumns, arrivedMs: number): void {
    const rows = this.openRows;
    this.openRows = 0;
    this.origin.appendRows(columns, rows);
    columns.tenant.appendIndexTimes(this.tenant, rows);
    const ms = Math.floor(arrivedMs);
    columns.ingestTime.appendTimes(ms % 4294967296, Math.floor(ms / 4294967296), rows);
  }

  private bind(columns: LogColumns, context: TranscodeContext): void {
    this.origin.bind(columns);
    this.tenant = columns.tenant.indexOf(context.tenant);
  }

  private readRecord(start: number, end: number): void {
    const cursor = this.cursor;
    this.timeAt = this.observedAt = -1;
    this.severityText = this.severityTextEnd = this.body = this.bodyEnd = 0;
    this.traceId = this.traceIdEnd = this.spanId = this.spanIdEnd = 0;
    this.eventName = this.eventNameEnd = this.bodyCount = 0;
    this.record = start;
    this.recordEnd = end;
    this.severity = this.flags = this.dropped = 0;
    this.ranges.clear();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      switch (tag) {
        case 0x09:
          this.timeAt = from;
          break;
        case 0x59:
          this.observedAt = from;
          break;
        case 0x10:
          this.severity = cursor.uint32(from, at);
          break;
        case 0x1a:
          this.severityText = from;
          this.severityTextEnd = at;
          break;
        case 0x2a:
          this.body = from;
          this.bodyEnd = at;
          this.bodyCount++;
          break;
        case 0x32:
          this.ranges.add(from, at);
          break;
        case 0x38:
          this.dropped = cursor.uint32(from, at);
          break;
        case 0x45:
          this.flags = cursor.fixed32(from);
          break;
        case 0x4a:
          this.traceId = from;
          this.traceIdEnd = at;
          break;
        case 0x52:
          this.spanId = from;
          this.spanIdEnd = at;
          break;
        case 0x62:
          this.eventName = from;
          this.eventNameEnd = at;
          break;
        default:
      }
    }
    if (this.timeAt !== -1 && cursor.isZero(this.timeAt)) this.timeAt = -1;
    if (this.observedAt !== -1 && cursor.isZero(this.observedAt)) this.observedAt = -1;
  }

  /** Of the time that the record will have: see span-transcoder.ts. */
  private hasImpossibleTime(): boolean {
    const at = this.timeAt === -1 ? this.observedAt : this.timeAt;
    return at !== -1 && this.cursor.high(at) >= 0x80000000;
  }

  private writeRecord(columns: LogColumns, arrivedMs: number): void {
    const { cursor, timeAt, observedAt } = this;
    const { bytes } = cursor;
    const at = timeAt === -1 ? observedAt : timeAt;
    if (at === -1) columns.timestamp.appendBigint(BigInt(Math.floor(arrivedMs)) * 1_000_000n);
    else cursor.appendTime(at, columns.timestamp);
    cursor.appendTime(observedAt, columns.observed);
    columns.timeMissing.append(timeAt === -1 ? 1 : 0);
    columns.traceId.appendHex(bytes, this.traceId, this.traceIdEnd);
    columns.spanId.appendHex(bytes, this.spanId, this.spanIdEnd);
    columns.traceFlags.append(this.flags & 0xff);
    columns.flags.append(this.flags);
    columns.severityText.append(bytes, this.severityText, this.severityTextEnd, cursor.view);
    columns.severityNumber.append(this.severity > 255 ? 0 : this.severity);
    this.origin.appendRawPairs(columns);
    this.own.append(this.ranges, columns.attributes, columns.attributeTypes, columns.rawAttributes);
    this.writeBody(columns);
    columns.rawAttributes.endRow();
    columns.eventName.append(bytes, this.eventName, this.eventNameEnd, cursor.view);
    columns.dropped.append(this.dropped);
    this.openRows++;
  }

  private writeBody(columns: LogColumns): void {
    const { body, bodyEnd } = this;
    let letter: number = typeLetters.empty;
    let bytes = this.cursor.bytes;
    let start = body;
    let end = bodyEnd;
    if (this.bodyCount > 1) {
      bytes = mergePieces(this.cursor, this.record, this.recordEnd, 0x2a);
      start = 0;
      end = bytes.length;
      letter = this.attributes.appendTree(bytes, columns.body);
    } else if (body === bodyEnd) columns.body.appendDefault();
    else letter = this.attributes.appendValue(body, bodyEnd, columns.body);
    oneLetter[0] = letter;
    columns.bodyType.append(oneLetter, 0, 1);
    if (!needsRaw(letter)) return;
    columns.rawAttributes.keys.append(bodyKey, 0, bodyKey.length);
    columns.rawAttributes.values.append(bytes, start, end);
  }
}
