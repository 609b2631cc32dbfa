/**
 * ExportMetricsServiceRequest bytes to rows of the metric tables: one row a point under its series' fingerprint, one row a series and day. A
 * point's attributes are only hashed, unless its series is new. Hot; benchmark: bench/ingest.ts. Plain version: transcode.reference.ts.
 */
import { AttributeWriter } from "./attribute-writer.ts";
import { ExemplarWriter } from "./exemplar-writer.ts";
import { ItemAttributes } from "./item-attributes.ts";
import {
  KnownSeries,
  maxKnownSeries,
  seriesIsBeyondAll,
  seriesIsBeyondTenant,
  seriesIsNew,
} from "./known-series.ts";
import { MetricColumns } from "./metric-columns.ts";
import { MetricState, metricTypes, temporalities } from "./metric-state.ts";
import { OriginState } from "./origin-state.ts";
import {
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  SummaryPoint,
  type PointKind,
} from "./point-kinds.ts";
import { PointState } from "./point-state.ts";
import { RequestTally } from "./request-tally.ts";
import type { BlockSource, TranscodeContext, Transcoded, Transcoder } from "./transcoder.ts";
import { WireCursor } from "./wire-cursor.ts";

const encoder = new TextEncoder();

export class MetricTranscoder implements Transcoder<MetricColumns> {
  private readonly cursor: WireCursor = new WireCursor();
  private readonly attributes: AttributeWriter = new AttributeWriter(this.cursor);
  private readonly origin: OriginState = new OriginState(this.cursor, this.attributes, true);
  private readonly own: ItemAttributes = new ItemAttributes(this.cursor, this.attributes);
  private readonly exemplars: ExemplarWriter = new ExemplarWriter(this.cursor, this.attributes);
  private readonly metric: MetricState = new MetricState(this.cursor);
  private readonly point: PointState = new PointState(this.cursor, this.attributes);
  private readonly known: KnownSeries;
  /** In the order of `metricTypes`. */
  private readonly kinds: readonly PointKind[];
  private tenant: Uint8Array = new Uint8Array(0);
  private arrivedMs = 0;
  /** Of the metric being written, and its points whose rows lack what `completeRows` appends. */
  private kind: PointKind | undefined;
  private openRows = 0;
  /** True when `origin` is bound to the present blocks. */
  private originIsBound = false;

  /** `maxSeries`: new series that each tenant may start a day; 0: no bound. */
  constructor(maxSeries: number) {
    this.known = new KnownSeries(maxSeries);
    const numbers = new NumberPoint(this.cursor);
    this.kinds = [
      numbers,
      numbers,
      new HistogramPoint(this.cursor),
      new ExponentialHistogramPoint(this.cursor),
      new SummaryPoint(this.cursor),
    ];
  }

  createBlocks(): MetricColumns {
    return new MetricColumns();
  }

  forget(): void {
    this.known.forget();
  }

  transcode(bytes: Uint8Array, context: TranscodeContext, source: BlockSource<MetricColumns>): Transcoded {
    const cursor = this.cursor;
    const tally = new RequestTally(source, "data points", () => this.completeRows(source.blocks));
    this.openRows = 0;
    cursor.open(bytes);
    this.tenant = encoder.encode(context.tenant);
    this.arrivedMs = Math.floor(context.arrivedMs);
    this.known.begin(context.tenant, context.arrivedMs);
    for (let at = 0; at < bytes.length;) {
      const tag = cursor.next(at, bytes.length);
      at = cursor.end;
      if (tag === 0x0a) this.resourceMetrics(cursor.start, at, source, tally);
    }
    cursor.close();
    return tally.finish();
  }

  private resourceMetrics(
    start: number,
    end: number,
    source: BlockSource<MetricColumns>,
    tally: RequestTally<MetricColumns>,
  ): void {
    const cursor = this.cursor;
    this.origin.readResource(start, end);
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag === 0x12) this.scopeMetrics(cursor.start, at, source, tally);
    }
  }

  private scopeMetrics(
    start: number,
    end: number,
    source: BlockSource<MetricColumns>,
    tally: RequestTally<MetricColumns>,
  ): void {
    const cursor = this.cursor;
    this.origin.readScope(start, end);
    this.originIsBound = false;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag !== 0x12) continue;
      this.metric.read(cursor.start, at, this.tenant, this.origin.resourceHash, this.origin.scopeHash);
      tally.rejectReplaced(this.metric.replacedPoints);
      const { bounds, count } = this.metric.data;
      for (let index = 0; index < count; index++) {
        this.points(bounds[index * 2]!, bounds[index * 2 + 1]!, source, tally);
      }
    }
  }

  private points(
    start: number,
    end: number,
    source: BlockSource<MetricColumns>,
    tally: RequestTally<MetricColumns>,
  ): void {
    const { cursor, metric, point } = this;
    const kind = this.kinds[metric.type];
    if (kind === undefined) return;
    this.kind = kind;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag !== 0x0a) continue;
      const from = cursor.start;
      point.begin();
      kind.read(from, at, point);
      if (point.hasImpossibleTime()) {
        tally.rejectTime();
        continue;
      }
      point.identify(metric.hash);
      const answer = this.known.note(point.fingerprint.low, point.fingerprint.high, point.day);
      if (answer === seriesIsBeyondTenant || answer === seriesIsBeyondAll) {
        tally.rejectSeries(answer === seriesIsBeyondTenant ? this.known.limit : maxKnownSeries);
        continue;
      }
      const isNew = answer === seriesIsNew;
      // A new series repeats resource and scope; 40: the fixed columns of a point.
      const room = tally.admit(at - from + 40 + (isNew ? this.origin.rowBytes : 0));
      if (room === 0) {
        // The series may have been noted without being written.
        if (isNew) this.known.forget();
        continue;
      }
      if (room === 2) this.originIsBound = false;
      this.writePoint(kind, source.blocks, isNew);
    }
    this.completeRows(source.blocks);
  }

  /** Appends what all points of the metric share, to the rows that lack it: once for all of them. */
  private completeRows(blocks: MetricColumns): void {
    const { cursor, metric, kind, openRows, tenant } = this;
    if (kind === undefined || openRows === 0) return;
    const columns = kind.columns(blocks);
    columns.tenant.appendTimes(tenant, 0, tenant.length, undefined, openRows);
    columns.metricName.appendTimes(cursor.bytes, metric.name, metric.nameEnd, cursor.view, openRows);
    this.openRows = 0;
  }

  private writePoint(kind: PointKind, blocks: MetricColumns, isNew: boolean): void {
    const { metric, point } = this;
    if (isNew) this.writeSeries(blocks);
    point.append(kind.columns(blocks));
    kind.write(blocks);
    this.openRows++;
    this.exemplars.appendAll(point, metric, this.tenant, blocks.exemplars);
  }

  private writeSeries({ series: columns }: MetricColumns): void {
    const { cursor, metric, point } = this;
    const { bytes } = cursor;
    if (!this.originIsBound) this.origin.bind(columns);
    this.originIsBound = true;
    columns.tenant.append(this.tenant, 0, this.tenant.length);
    columns.metricName.append(bytes, metric.name, metric.nameEnd, cursor.view);
    columns.fingerprint.append(point.fingerprint.low, point.fingerprint.high);
    columns.seenDay.append(point.day);
    columns.metricType.appendText(metricTypes[metric.type]?.name ?? "");
    columns.unit.append(bytes, metric.unit, metric.unitEnd);
    columns.description.append(bytes, metric.description, metric.descriptionEnd);
    columns.temporality.appendText(temporalities[metric.temporality] ?? "unspecified");
    columns.monotonic.append(metric.monotonic);
    this.origin.appendRows(columns, 1);
    this.origin.appendRawPairs(columns);
    this.own.append(point.attributes, columns.attributes, columns.attributeTypes, columns.rawAttributes);
    columns.rawAttributes.endRow();
    columns.lastSeen.appendInteger(this.arrivedMs);
  }
}
