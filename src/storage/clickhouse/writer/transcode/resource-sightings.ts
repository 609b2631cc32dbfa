/**
 * Notes which resources send spans: one row of `otel_traces_resources` for the first span of a resource in five minutes of the spans' time. Called once
 * for each ResourceSpans, so its cost is that of hashing a resource a request.
 */
import { resourcesTable } from "../../schema/tables.ts";
import type { TableBlock } from "../commit/blocks.ts";
import type { WideColumn } from "../native/fixed-columns.ts";
import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import { StringColumn } from "../native/string-column.ts";
import { TableColumns } from "../native/table-columns.ts";
import type { AttributeWriter } from "./attribute-writer.ts";
import { KnownSeries, seriesIsNew } from "./known-series.ts";
import { SeriesHash } from "./series-hash.ts";
import type { WireCursor } from "./wire-cursor.ts";

const slotSeconds = 300;
/** Slots are numbered within some 400 days, as `KnownSeries` has 17 bits for them. */
const slotNumbers = 120_000;

/** The columns of `otel_traces_resources`; names and types are the schema's. */
export class ResourceColumns {
  private readonly of: TableColumns = new TableColumns(resourcesTable);
  readonly tenant: LowCardinalityColumn = this.of.lowCardinality("Tenant");
  /** By attribute; the first of a name counts, as everywhere. */
  readonly facts: readonly (readonly [attribute: string, column: LowCardinalityColumn | StringColumn])[] = [
    ["service.name", this.of.lowCardinality("ServiceName")],
    ["service.namespace", this.of.lowCardinality("ServiceNamespace")],
    ["service.version", this.of.lowCardinality("ServiceVersion")],
    ["service.instance.id", this.of.string("ServiceInstanceId")],
    ["host.name", this.of.lowCardinality("HostName")],
    ["process.pid", this.of.string("ProcessPid")],
    ["telemetry.sdk.language", this.of.lowCardinality("SdkLanguage")],
    ["telemetry.distro.name", this.of.lowCardinality("DistroName")],
  ];
  readonly seenAt: WideColumn = this.of.wide("SeenAt", "DateTime64(9)");
  readonly table: TableBlock = { table: resourcesTable.name, block: this.of.finish() };
}

const encoder = new TextEncoder();

export class ResourceSightings {
  private readonly cursor: WireCursor;
  private readonly writer: AttributeWriter;
  private readonly known: KnownSeries = new KnownSeries(0);
  private readonly hash: SeriesHash = new SeriesHash();
  private readonly texts: ReadonlyMap<string, StringColumn>;
  private tenant = "";
  private tenantBytes: Uint8Array = new Uint8Array(0);

  constructor(cursor: WireCursor, writer: AttributeWriter) {
    this.cursor = cursor;
    this.writer = writer;
    this.texts = new Map(new ResourceColumns().facts.map(([attribute]) => [attribute, new StringColumn()]));
  }

  /** Says whose spans come next, and when they arrived (Unix milliseconds). */
  begin(tenant: string, arrivedMs: number): void {
    if (tenant !== this.tenant) this.tenantBytes = encoder.encode(tenant);
    this.tenant = tenant;
    this.known.begin(tenant, arrivedMs);
  }

  /** Rows may be lost: each is written again when its resource comes next. */
  forget(): void {
    this.known.forget();
  }

  /**
   * A span that starts at these words of nanoseconds has come of the ResourceSpans [start, end), whose resource has this hash. The cursor stands
   * elsewhere afterwards.
   */
  note(
    start: number,
    end: number,
    resource: SeriesHash,
    low: number,
    high: number,
    columns: ResourceColumns,
  ): void {
    const { hash } = this;
    hash.clear();
    hash.addText(this.tenantBytes, 0, this.tenantBytes.length);
    hash.addWords(resource.low, resource.high);
    const slot = Math.floor((high * 4.294967296 + low / 1e9) / slotSeconds) % slotNumbers;
    if (this.known.note(hash.low, hash.high, slot) !== seriesIsNew) return;
    this.readFacts(start, end);
    columns.tenant.appendText(this.tenant);
    for (const [attribute, column] of columns.facts) {
      const text = this.texts.get(attribute)!;
      if (text.rows === 0) text.appendDefault();
      const encoded = text.sink.view();
      if (column instanceof StringColumn) column.appendEncoded(encoded, 1);
      else column.appendIndexes(column.indexesOfEncoded(encoded, 1));
    }
    columns.seenAt.append(low, high);
  }

  private readFacts(start: number, end: number): void {
    const { cursor } = this;
    for (const text of this.texts.values()) text.reset();
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag === 0x0a) this.readResource(cursor.start, at);
    }
  }

  private readResource(start: number, end: number): void {
    const { cursor, writer } = this;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag !== 0x0a) continue;
      writer.locate(cursor.start, at);
      const text = this.texts.get(keyText(cursor.bytes, writer.keyStart, writer.keyEnd));
      if (text?.rows === 0) writer.appendLocated(text);
    }
  }
}

function keyText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
