/** The resource and the scope that the rows being written belong to. */
import type { NumberColumn } from "../native/fixed-columns.ts";
import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import type { SharedAttributesColumn, TextMapColumn } from "../native/map-column.ts";
import { StringColumn } from "../native/string-column.ts";
import type { AttributeWriter } from "./attribute-writer.ts";
import { SeriesHash } from "./series-hash.ts";
import { SharedAttributes } from "./shared-attributes.ts";
import type { WireCursor } from "./wire-cursor.ts";

/** Columns of tables whose rows have a resource and a scope; metric series have no dropped counts. */
export interface OriginColumns {
  readonly serviceName: LowCardinalityColumn;
  readonly resourceSchemaUrl: LowCardinalityColumn;
  readonly resourceAttributes: SharedAttributesColumn;
  readonly resourceAttributeTypes: LowCardinalityColumn;
  readonly resourceDropped?: NumberColumn;
  readonly scopeSchemaUrl: LowCardinalityColumn;
  readonly scopeName: LowCardinalityColumn;
  readonly scopeVersion: LowCardinalityColumn;
  readonly scopeAttributes: SharedAttributesColumn;
  readonly scopeAttributeTypes: LowCardinalityColumn;
  readonly scopeDropped?: NumberColumn;
  readonly rawAttributes: TextMapColumn;
}

const serviceNameKey = new TextEncoder().encode("service.name");

export class OriginState {
  private readonly cursor: WireCursor;
  private readonly writer: AttributeWriter;
  private readonly resource: SharedAttributes;
  private readonly scope: SharedAttributes;
  private readonly serviceText: StringColumn = new StringColumn();
  private hasService = false;
  private resourceDropped = 0;
  private scopeDropped = 0;
  // Bounds in the message; empty where absent.
  private resourceUrl: Bounds = noBounds;
  private scopeUrl: Bounds = noBounds;
  private scopeName: Bounds = noBounds;
  private scopeVersion: Bounds = noBounds;
  // Numbers in the dictionaries of the bound columns.
  private serviceIndex = 0;
  private resourceUrlIndex = 0;
  private scopeUrlIndex = 0;
  private scopeNameIndex = 0;
  private scopeVersionIndex = 0;
  /** Hashes of what identifies resource and scope; only kept when `hashes` was asked for. */
  readonly resourceHash: SeriesHash = new SeriesHash();
  readonly scopeHash: SeriesHash = new SeriesHash();
  private readonly hashes: boolean;

  constructor(cursor: WireCursor, writer: AttributeWriter, hashes: boolean) {
    this.cursor = cursor;
    this.writer = writer;
    this.hashes = hashes;
    this.resource = new SharedAttributes(cursor, writer, "r");
    this.scope = new SharedAttributes(cursor, writer, "c");
  }

  /** Reads a ResourceSpans, ResourceLogs or ResourceMetrics [start, end), all but its scope entries. */
  readResource(start: number, end: number): void {
    const cursor = this.cursor;
    this.resource.clear();
    this.resourceHash.clear();
    this.serviceText.reset();
    this.hasService = false;
    this.resourceDropped = 0;
    this.resourceUrl = noBounds;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag === 0x0a) this.readResourceMessage(cursor.start, at);
      else if (tag === 0x1a) this.resourceUrl = { start: cursor.start, end: at };
    }
    if (!this.hasService) this.serviceText.appendDefault();
  }

  private readResourceMessage(start: number, end: number): void {
    const cursor = this.cursor;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag === 0x10) this.resourceDropped = cursor.uint32(cursor.start, at);
      if (tag !== 0x0a) continue;
      const from = cursor.start;
      this.resource.add(from, at);
      if (this.hashes) this.resourceHash.addPair(cursor.bytes, cursor.view, this.writer);
      if (
        !this.hasService &&
        equals(cursor.bytes, this.writer.keyStart, this.writer.keyEnd, serviceNameKey)
      ) {
        this.hasService = true;
        this.writer.appendLocated(this.serviceText);
      }
    }
  }

  /** Reads a ScopeSpans, ScopeLogs or ScopeMetrics [start, end), all but its items. */
  readScope(start: number, end: number): void {
    const cursor = this.cursor;
    this.scope.clear();
    this.scopeHash.clear();
    this.scopeDropped = 0;
    this.scopeUrl = this.scopeName = this.scopeVersion = noBounds;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      if (tag === 0x0a) this.readScopeMessage(cursor.start, at);
      else if (tag === 0x1a) this.scopeUrl = { start: cursor.start, end: at };
    }
    if (!this.hashes) return;
    this.scopeHash.addText(cursor.bytes, this.scopeName.start, this.scopeName.end);
    this.scopeHash.addText(cursor.bytes, this.scopeVersion.start, this.scopeVersion.end);
  }

  private readScopeMessage(start: number, end: number): void {
    const cursor = this.cursor;
    for (let at = start; at < end;) {
      const tag = cursor.next(at, end);
      at = cursor.end;
      const from = cursor.start;
      if (tag === 0x0a) this.scopeName = { start: from, end: at };
      else if (tag === 0x12) this.scopeVersion = { start: from, end: at };
      else if (tag === 0x20) this.scopeDropped = cursor.uint32(from, at);
      else if (tag === 0x1a) this.addScopeAttribute(from, at);
    }
  }

  private addScopeAttribute(start: number, end: number): void {
    this.scope.add(start, end);
    if (this.hashes) this.scopeHash.addPair(this.cursor.bytes, this.cursor.view, this.writer);
  }

  /** Prepares writing into these columns: after `readScope`, and again when the blocks changed. */
  bind(columns: OriginColumns): void {
    const { bytes } = this.cursor;
    const find = (column: LowCardinalityColumn, { start, end }: Bounds): number =>
      column.dictionary.find(bytes, start, end);
    this.resource.bind(columns.resourceAttributes, columns.resourceAttributeTypes);
    this.scope.bind(columns.scopeAttributes, columns.scopeAttributeTypes);
    this.serviceIndex = columns.serviceName.indexesOfEncoded(this.serviceText.sink.view(), 1)[0]!;
    this.resourceUrlIndex = find(columns.resourceSchemaUrl, this.resourceUrl);
    this.scopeUrlIndex = find(columns.scopeSchemaUrl, this.scopeUrl);
    this.scopeNameIndex = find(columns.scopeName, this.scopeName);
    this.scopeVersionIndex = find(columns.scopeVersion, this.scopeVersion);
  }

  /** About the bytes that a row takes. */
  get rowBytes(): number {
    return this.resource.sizeBytes + this.scope.sizeBytes;
  }

  /** Appends `count` rows of the bound columns, all but the raw attributes: once for all items of a scope, as that takes a sixth of one by one. */
  appendRows(columns: OriginColumns, count: number): void {
    if (count === 0) return;
    columns.serviceName.appendIndexTimes(this.serviceIndex, count);
    columns.resourceSchemaUrl.appendIndexTimes(this.resourceUrlIndex, count);
    this.resource.appendRows(columns.resourceAttributes, columns.resourceAttributeTypes, count);
    columns.resourceDropped?.appendTimes(this.resourceDropped, count);
    columns.scopeSchemaUrl.appendIndexTimes(this.scopeUrlIndex, count);
    columns.scopeName.appendIndexTimes(this.scopeNameIndex, count);
    columns.scopeVersion.appendIndexTimes(this.scopeVersionIndex, count);
    this.scope.appendRows(columns.scopeAttributes, columns.scopeAttributeTypes, count);
    columns.scopeDropped?.appendTimes(this.scopeDropped, count);
  }

  /** Appends the pairs of one item's raw attributes; the row stays open for those of the item itself. */
  appendRawPairs(columns: OriginColumns): void {
    this.resource.appendRawPairs(columns.rawAttributes);
    this.scope.appendRawPairs(columns.rawAttributes);
  }
}

interface Bounds {
  readonly start: number;
  readonly end: number;
}
const noBounds: Bounds = { start: 0, end: 0 };

function equals(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false;
  for (let index = 0; index < wanted.length; index++) {
    if (bytes[start + index] !== wanted[index]) return false;
  }
  return true;
}
