/**
 * Attributes that many rows share (of a resource, of a scope): encoded once, then copied into row after row.
 */
import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import {
  attributesColumn,
  textMapColumn,
  type AttributesColumn,
  type SharedAttributesColumn,
  type TextMapColumn,
} from "../native/map-column.ts";
import type { AttributeWriter } from "./attribute-writer.ts";
import { Letters } from "./letters.ts";
import { appendRaw, needsRaw, rawPrefix } from "./raw-values.ts";
import type { WireCursor } from "./wire-cursor.ts";

export class SharedAttributes {
  private readonly cursor: WireCursor;
  private readonly writer: AttributeWriter;
  private readonly prefix: Uint8Array;
  private readonly own: AttributesColumn = attributesColumn();
  private readonly raw: TextMapColumn = textMapColumn();
  private readonly letters: Letters = new Letters();
  private rawKeys: Uint8Array = new Uint8Array(0);
  private rawValues: Uint8Array = new Uint8Array(0);
  /** Numbers of the keys, the values and the word of types in the dictionaries of the bound columns. */
  private keys: Uint32Array = new Uint32Array(0);
  private values: Uint32Array = new Uint32Array(0);
  private types = 0;

  constructor(cursor: WireCursor, writer: AttributeWriter, owner: string) {
    this.cursor = cursor;
    this.writer = writer;
    this.prefix = rawPrefix(owner);
  }

  /** Starts over with no attributes. */
  clear(): void {
    this.own.reset();
    this.raw.reset();
    this.letters.clear();
  }

  /** Adds the KeyValue message [start, end). `writer` then knows where key and value are. */
  add(start: number, end: number): void {
    const letter = this.writer.append(start, end, this.own);
    this.letters.add(letter);
    if (!needsRaw(letter)) return;
    appendRaw(this.raw, this.prefix, this.cursor.bytes, this.cursor.view, this.writer);
  }

  /** Prepares copying into these columns; again after their blocks changed. */
  bind(column: SharedAttributesColumn, types: LowCardinalityColumn): void {
    this.rawKeys = this.raw.keys.sink.view();
    this.rawValues = this.raw.values.sink.view();
    this.keys = this.own.keys.indexesIn(column.keys);
    this.values = column.values.indexesOfEncoded(this.own.values.sink.view(), this.keys.length);
    this.types = this.letters.indexIn(types);
  }

  /** Bytes that a row copies, about. */
  get sizeBytes(): number {
    return this.own.keys.rows * 4 + this.raw.sizeBytes;
  }

  /** Appends `count` rows of both bound columns. */
  appendRows(column: SharedAttributesColumn, types: LowCardinalityColumn, count: number): void {
    column.keys.appendIndexesTimes(this.keys, count);
    column.values.appendIndexesTimes(this.values, count);
    column.endRowsOf(this.keys.length, count);
    types.appendIndexTimes(this.types, count);
  }

  /** Appends the pairs of the raw column that these attributes need; the caller closes the row. */
  appendRawPairs(column: TextMapColumn): void {
    if (this.raw.keys.rows === 0) return;
    column.keys.appendEncoded(this.rawKeys, this.raw.keys.rows);
    column.values.appendEncoded(this.rawValues, this.raw.values.rows);
  }
}
