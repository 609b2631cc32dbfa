/**
 * ExportTraceServiceRequest bytes to rows of `otel_traces`. A span's fields are walked once, keeping offsets only; then the columns are
 * written. Hot; benchmark: bench/ingest.ts. Plain version: transcode.reference.ts.
 */
import { readText } from "../../../../telemetry/wire/number.ts";
import { AttributeWriter } from "./attribute-writer.ts";
import { ItemAttributes } from "./item-attributes.ts";
import { OriginState } from "./origin-state.ts";
import { RangeList } from "./range-list.ts";
import { RequestTally } from "./request-tally.ts";
import { ResourceSightings } from "./resource-sightings.ts";
import { samplingThreshold } from "./sampling-threshold.ts";
import { TraceColumns } from "./trace-columns.ts";
import type { BlockSource, TranscodeContext, Transcoded, Transcoder } from "./transcoder.ts";
import { SpanPartWriter } from "./span-parts.ts";
import { WireCursor } from "./wire-cursor.ts";

const spanKinds: readonly string[] = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const statusCodes: readonly string[] = ["Unset", "Ok", "Error"];

export class SpanTranscoder implements Transcoder<TraceColumns> {
  private readonly cursor: WireCursor = new WireCursor();
  private readonly attributes: AttributeWriter = new AttributeWriter(this.cursor);
  private readonly origin: OriginState = new OriginState(this.cursor, this.attributes, true);
  private readonly sightings: ResourceSightings = new ResourceSightings(this.cursor, this.attributes);
  private readonly own: ItemAttributes = new ItemAttributes(this.cursor, this.attributes);
  private readonly parts: SpanPartWriter = new SpanPartWriter(this.cursor, this.attributes);
  private readonly attributeRanges: RangeList = new RangeList();
  private readonly eventRanges: RangeList = new RangeList();
  private readonly statusRanges: RangeList = new RangeList();
  private readonly linkRanges: RangeList = new RangeList();
  // The present ResourceSpans.
  private resource = 0;
  private resourceEnd = 0;
  private resourceIsNoted = false;
  /** Rows that lack what all spans of the present scope have in common. */
  private openRows = 0;
  // Offsets of the present span's fields; -1 or an empty range where absent.
  private startTimeAt = -1;
  private endTimeAt = -1;
  private traceId = 0;
  private traceIdEnd = 0;
  private spanId = 0;
  private spanIdEnd = 0;
  private parent = 0;
  private parentEnd = 0;
  private state = 0;
  private stateEnd = 0;
  private name = 0;
  private nameEnd = 0;
  private kind = 0;
  private flags = 0;
  private dropped = 0;
  private droppedEvents = 0;
  private droppedLinks = 0;
  // Numbers of fixed texts in the dictionaries of the present blocks.
  private kinds: readonly number[] = [];
  private codes: readonly number[] = [];
  private tenant = 0;
  private arrivedLow = 0;
  private arrivedHigh = 0;

  createBlocks(): TraceColumns {
    return new TraceColumns();
  }

  forget(): void {
    this.sightings.forget();
  }

  transcode(bytes: Uint8Array, context: TranscodeContext, source: BlockSource<TraceColumns>): Transcoded {
    const cursor = this.cursor;
    const tally = new RequestTally(source, "spans", () => this.completeRows(source.blocks));
    // What a malformed request left; its rows were taken back.
    this.openRows = 0;
    this.parts.forget();
    cursor.open(bytes);
    this.arrivedLow = context.arrivedMs % 4294967296;
    this.arrivedHigh = Math.floor(context.arrivedMs / 4294967296);
    this.bindTexts(source.blocks, context);
    this.sightings.begin(context.tenant, context.arrivedMs);
    for (let at = 0; at < bytes.length;) {
      const tag = cursor.next(at, bytes.length);
      at = cursor.end;
      if (tag === 0x0a) this.resourceSpans(cursor.start, at, context, source, tally);
    }
    cursor.close();
    return tally.finish();
  }

  private bindTexts(columns: TraceColumns, context: TranscodeContext): void {
    this.kinds = spanKinds.map((text) => columns.spanKind.indexOf(text));
    this.codes = statusCodes.map((text) => columns.statusCode.indexOf(text));
    this.tenant = columns.tenant.indexOf(context.tenant);
  }

  private resourceSpans(
    start: number,
    end: number,
    context: TranscodeContext,
    source: BlockSource<TraceColumns>,
    tally: RequestTally<TraceColumns>,
  ): void {
    const cursor = this.cursor;
    this.origin.readResource(start, end);
    this.resource = start;
    this.resourceEnd = end;
    this.resourceIsNoted = false;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag === 0x12) this.scopeSpans(cursor.start, at, context, source, tally);
    }
  }

  private scopeSpans(
    start: number,
    end: number,
    context: TranscodeContext,
    source: BlockSource<TraceColumns>,
    tally: RequestTally<TraceColumns>,
  ): void {
    const cursor = this.cursor;
    this.origin.readScope(start, end);
    this.origin.bind(source.blocks);
    const originBytes = this.origin.rowBytes;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag !== 0x12) continue;
      const from = cursor.start;
      this.readSpan(from, at);
      if (this.hasImpossibleTime()) {
        tally.rejectTime();
        continue;
      }
      const room = tally.admit(at - from + originBytes);
      if (room === 0) continue;
      if (room === 2) {
        this.bindTexts(source.blocks, context);
        this.origin.bind(source.blocks);
      }
      this.writeSpan(source.blocks);
      if (!this.resourceIsNoted) this.noteResource(source.blocks);
    }
    this.completeRows(source.blocks);
  }

  /** Writes the columns in which all open rows are alike. */
  private completeRows(columns: TraceColumns): void {
    const rows = this.openRows;
    this.openRows = 0;
    this.origin.appendRows(columns, rows);
    columns.tenant.appendIndexTimes(this.tenant, rows);
    columns.ingestTime.appendTimes(this.arrivedLow, this.arrivedHigh, rows);
    this.parts.completeRows(columns);
  }

  /** By the first of its spans that is kept. */
  private noteResource(columns: TraceColumns): void {
    const { cursor, startTimeAt } = this;
    const low = startTimeAt === -1 ? 0 : cursor.low(startTimeAt);
    const high = startTimeAt === -1 ? 0 : cursor.high(startTimeAt);
    this.resourceIsNoted = true;
    const { resourceHash } = this.origin;
    this.sightings.note(this.resource, this.resourceEnd, resourceHash, low, high, columns.resources);
  }

  private readSpan(start: number, end: number): void {
    const cursor = this.cursor;
    this.startTimeAt = this.endTimeAt = -1;
    this.traceId = this.traceIdEnd = this.spanId = this.spanIdEnd = 0;
    this.parent = this.parentEnd = this.state = this.stateEnd = 0;
    this.name = this.nameEnd = 0;
    this.statusRanges.clear();
    this.kind = this.flags = this.dropped = this.droppedEvents = this.droppedLinks = 0;
    this.attributeRanges.clear();
    this.eventRanges.clear();
    this.linkRanges.clear();
    const { bytes } = cursor;
    for (let at = start; at < end;) {
      let tag = bytes[at]!;
      let from = at + 2;
      // Nearly all fields are messages, texts and ids of less than 128 bytes; `next` reads the others.
      if (
        tag < 0x80 &&
        tag >= 8 &&
        (tag & 7) === 2 &&
        bytes[at + 1]! < 0x80 &&
        from + bytes[at + 1]! <= end
      ) {
        at = from + bytes[at + 1]!;
      } else {
        tag = cursor.next(at, end);
        from = cursor.start;
        at = cursor.end;
      }
      switch (tag) {
        case 0x0a:
          this.traceId = from;
          this.traceIdEnd = at;
          break;
        case 0x12:
          this.spanId = from;
          this.spanIdEnd = at;
          break;
        case 0x1a:
          this.state = from;
          this.stateEnd = at;
          break;
        case 0x22:
          this.parent = from;
          this.parentEnd = at;
          break;
        case 0x2a:
          this.name = from;
          this.nameEnd = at;
          break;
        case 0x30:
          this.kind = cursor.uint32(from, at);
          break;
        case 0x39:
          this.startTimeAt = from;
          break;
        case 0x41:
          this.endTimeAt = from;
          break;
        case 0x4a:
          this.attributeRanges.add(from, at);
          break;
        case 0x50:
          this.dropped = cursor.uint32(from, at);
          break;
        case 0x5a:
          this.eventRanges.add(from, at);
          break;
        case 0x60:
          this.droppedEvents = cursor.uint32(from, at);
          break;
        case 0x6a:
          this.linkRanges.add(from, at);
          break;
        case 0x70:
          this.droppedLinks = cursor.uint32(from, at);
          break;
        case 0x7a:
          this.statusRanges.add(from, at);
          break;
        case 0x85:
          this.flags = cursor.fixed32(from);
          break;
        default:
      }
    }
  }

  /** Times of 2^63 ns and more lie beyond 2262, where DateTime64(9) ends; the wire has none before 1970. */
  private hasImpossibleTime(): boolean {
    const { cursor, startTimeAt, endTimeAt } = this;
    return (
      (startTimeAt !== -1 && cursor.high(startTimeAt) >= 0x80000000) ||
      (endTimeAt !== -1 && cursor.high(endTimeAt) >= 0x80000000)
    );
  }

  private writeSpan(columns: TraceColumns): void {
    const { cursor } = this;
    const { bytes } = cursor;
    columns.traceId.appendHex(bytes, this.traceId, this.traceIdEnd);
    columns.spanId.appendHex(bytes, this.spanId, this.spanIdEnd);
    columns.parentSpanId.appendHex(bytes, this.parent, this.parentEnd);
    columns.traceState.append(bytes, this.state, this.stateEnd, cursor.view);
    columns.spanName.append(bytes, this.name, this.nameEnd, cursor.view);
    columns.spanKind.appendIndex(this.kinds[this.kind] ?? 0);
    this.writeTimes(columns);
    this.origin.appendRawPairs(columns);
    this.own.append(this.attributeRanges, columns.attributes, columns.attributeTypes, columns.rawAttributes);
    this.parts.appendStatus(this.statusRanges, columns, this.codes);
    this.parts.appendEvents(this.eventRanges, columns);
    this.parts.appendLinks(this.linkRanges, columns);
    columns.rawAttributes.endRow();
    columns.flags.append(this.flags);
    if (this.state === this.stateEnd) columns.samplingThreshold.append(0, 0);
    else
      columns.samplingThreshold.appendBigint(samplingThreshold(readText(bytes, this.state, this.stateEnd)));
    columns.dropped.append(this.dropped);
    columns.droppedEvents.append(this.droppedEvents);
    columns.droppedLinks.append(this.droppedLinks);
    this.openRows++;
  }

  private writeTimes(columns: TraceColumns): void {
    const { cursor, startTimeAt, endTimeAt } = this;
    const startLow = startTimeAt === -1 ? 0 : cursor.low(startTimeAt);
    const startHigh = startTimeAt === -1 ? 0 : cursor.high(startTimeAt);
    columns.timestamp.append(startLow, startHigh);
    const endLow = endTimeAt === -1 ? 0 : cursor.low(endTimeAt);
    let high = (endTimeAt === -1 ? 0 : cursor.high(endTimeAt)) - startHigh;
    let low = endLow - startLow;
    if (low < 0) {
      low += 4294967296;
      high -= 1;
    }
    // A span that ends before it starts lasts 0.
    if (high < 0) columns.duration.append(0, 0);
    else columns.duration.append(low, high);
  }
}
