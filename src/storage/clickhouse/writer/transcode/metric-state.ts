/** What the points of one metric share: names, type, and the hash of all that identifies a series but its attributes. */
import { countIn } from "../../../../telemetry/wire/count-items.ts";
import { RangeList } from "./range-list.ts";
import { SeriesHash } from "./series-hash.ts";
import type { WireCursor } from "./wire-cursor.ts";

export const metricTypes = [
  { tag: 0x2a, name: "gauge" },
  { tag: 0x3a, name: "sum" },
  { tag: 0x4a, name: "histogram" },
  { tag: 0x52, name: "exponential_histogram" },
  { tag: 0x5a, name: "summary" },
] as const;
export const temporalities: readonly string[] = ["unspecified", "delta", "cumulative"];

/** Index into `metricTypes`, -1 for other fields. */
function typeOfTag(tag: number): number {
  for (let type = 0; type < metricTypes.length; type++) if (metricTypes[type]!.tag === tag) return type;
  return -1;
}

/** Points are field 1 of each kind of data. */
const pointsPath: readonly number[] = [1 << 1];

export class MetricState {
  private readonly cursor: WireCursor;
  readonly hash: SeriesHash = new SeriesHash();
  name = 0;
  nameEnd = 0;
  unit = 0;
  unitEnd = 0;
  description = 0;
  descriptionEnd = 0;
  /** Index into `metricTypes`, -1 for none that we know. */
  type = -1;
  /** The message with the points, normally in one piece. */
  readonly data: RangeList = new RangeList();
  /** Points of other kinds of data, which a later kind in the same metric has replaced. */
  replacedPoints = 0;
  temporality = 0;
  monotonic = 0;

  constructor(cursor: WireCursor) {
    this.cursor = cursor;
  }

  /** Reads the Metric [start, end), all but its points. */
  read(start: number, end: number, tenant: Uint8Array, resource: SeriesHash, scope: SeriesHash): void {
    const cursor = this.cursor;
    this.name = this.nameEnd = this.unit = this.unitEnd = this.description = this.descriptionEnd = 0;
    this.type = -1;
    this.data.clear();
    this.replacedPoints = 0;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      const from = cursor.start;
      at = cursor.end;
      if (tag === 0x0a) {
        this.name = from;
        this.nameEnd = at;
      } else if (tag === 0x12) {
        this.description = from;
        this.descriptionEnd = at;
      } else if (tag === 0x1a) {
        this.unit = from;
        this.unitEnd = at;
      } else {
        const type = typeOfTag(tag);
        if (type === -1) continue;
        // Of a oneof the last member counts; the same one again is merged.
        if (type !== this.type && this.data.count > 0) this.replaceData();
        this.type = type;
        this.data.add(from, at);
      }
    }
    this.readAggregation();
    this.hash.clear();
    this.hash.addText(tenant, 0, tenant.length);
    this.hash.addText(cursor.bytes, this.name, this.nameEnd, cursor.view);
    this.hash.addText(cursor.bytes, this.unit, this.unitEnd, cursor.view);
    this.hash.addWords(this.type, this.temporality * 2 + this.monotonic);
    this.hash.addWords(resource.low, resource.high);
    this.hash.addWords(scope.low, scope.high);
  }

  private replaceData(): void {
    const { bounds, count } = this.data;
    for (let index = 0; index < count; index++) {
      const end = bounds[index * 2 + 1]!;
      this.replacedPoints += countIn(this.cursor.bytes, bounds[index * 2]!, end, pointsPath, 0);
    }
    this.data.clear();
  }

  /** Temporality (field 2) and monotonicity (field 3), which stand behind the points. */
  private readAggregation(): void {
    const cursor = this.cursor;
    this.temporality = this.monotonic = 0;
    if (this.type < 1 || this.type > 3) return;
    for (let index = 0; index < this.data.count; index++) {
      const end = this.data.bounds[index * 2 + 1]!;
      for (let at = this.data.bounds[index * 2]!; at < end;) {
        const tag = cursor.next(at, end);
        const from = cursor.start;
        at = cursor.end;
        if (tag === 0x10) this.temporality = cursor.uint32(from, at);
        else if (tag === 0x18 && this.type === 1) this.monotonic = cursor.bool(from, at) ? 1 : 0;
      }
    }
  }
}
