import type { FieldSpec, MessageSpec } from "../wire/field.ts";
import { WireType } from "../wire/field.ts";
import { defaultOf, isDefault, readRepeated, readScalar, writeField, type Scalar } from "../wire/scalar.ts";
import { scanFields, scanStride } from "../wire/scan.ts";
import { Writer } from "../wire/writer.ts";

/** What a node of the tree tells when it changes. */
export interface Owner {
  noteChange(): void;
}

/** The content of a repeated message field: a list, or attributes. Ordinals count its occurrences on the wire, from 0. */
export interface RepeatedPart {
  isUntouched(ordinal: number): boolean;
  /** Writes the occurrence, tag included; nothing when it was removed. */
  writeOccurrence(writer: Writer, ordinal: number): void;
  /** Writes what was added after the occurrences. */
  writeAdded(writer: Writer): void;
}

const noBytes = new Uint8Array(0);

/** In a cell: known to be absent, or cleared. A cell that is undefined was not read yet. */
const absent = null;
const zeros: readonly number[] = Array.from({ length: 32 }, () => 0);
const nowhere: readonly number[] = zeros.map(() => -1);

/** Copied for each message: much quicker than making an array of a length. */
const noCells: readonly Cell[] = Array.from({ length: 32 }, () => undefined);

type Cell = undefined | null | Scalar | readonly Scalar[] | Message | RepeatedPart;

/**
 * What a message of the tree knows: its place in the received bytes, what was read of it and what was assigned. Encoding copies what
 * did not change byte for byte: unknown fields, field order, odd varints and invalid UTF-8 survive. An assigned field takes the
 * place of its last occurrence, a new one goes to the end. The bytes must be valid (`validateWire`).
 *
 * All messages have a node of this one class behind them, because V8 is several times slower with objects of thirty classes.
 */
export class MessageNode implements Owner {
  readonly spec: MessageSpec;
  owner: Owner | undefined;
  /** The message's content is [start, end) of `source`, which is never written to. */
  readonly source: Uint8Array;
  readonly start: number;
  readonly end: number;
  changed = false;
  /** Counts changes at and below this message. */
  revision = 0;
  private scanned: number[] | undefined = undefined;
  private cells: Cell[] | undefined = undefined;
  /** Bit per slot: its cell was assigned and replaces what is on the wire. */
  private assigned = 0;

  constructor(spec: MessageSpec, owner?: Owner, source: Uint8Array = noBytes, start = 0, end = 0) {
    this.spec = spec;
    this.owner = owner;
    this.source = source;
    this.start = start;
    this.end = end;
  }

  noteChange(): void {
    this.changed = true;
    this.revision++;
    this.owner?.noteChange();
  }

  /** The fields on the wire, four numbers each (`scanFields`). */
  scan(): readonly number[] {
    this.scanned ??= scanFields(this.source, this.start, this.end);
    return this.scanned;
  }

  cell(slot: number): Cell {
    return this.cells?.[slot];
  }

  keep(slot: number, cell: Cell): void {
    this.cells ??= noCells.slice(0, this.spec.fields.length);
    this.cells[slot] = cell;
  }

  /** Index into `scan()` of the last occurrence of a field, -1 when there is none or a later oneof member beats it. */
  find(field: FieldSpec): number {
    const fields = this.scan();
    for (let at = fields.length - scanStride; at >= 0; at -= scanStride) {
      const number = fields[at]! >>> 3;
      if (number === field.number) return at;
      if (field.oneof && this.spec.byNumber[number]?.oneof === true) return -1;
    }
    return -1;
  }

  /** Reads a scalar or repeated scalar; undefined for an absent field that has presence. */
  readField(field: FieldSpec): Scalar | readonly Scalar[] | undefined {
    const known = this.cell(field.slot);
    if (known === absent) return field.presence ? undefined : defaultOf(field.type);
    if (known !== undefined) return known as Scalar | readonly Scalar[];
    const value = field.repeated ? this.readAll(field) : this.readLast(field);
    this.keep(field.slot, value ?? absent);
    return value ?? (field.presence ? undefined : defaultOf(field.type));
  }

  private readLast(field: FieldSpec): Scalar | undefined {
    const at = this.find(field);
    const fields = this.scan();
    return at === -1 ? undefined : readScalar(field.type, this.source, fields[at + 2]!, fields[at + 3]!);
  }

  private readAll(field: FieldSpec): readonly Scalar[] {
    const fields = this.scan();
    const values: Scalar[] = [];
    for (let at = 0; at < fields.length; at += scanStride) {
      if (fields[at]! >>> 3 !== field.number) continue;
      readRepeated(field, fields[at]! & 7, this.source, fields[at + 2]!, fields[at + 3]!, values);
    }
    return values;
  }

  /** Assigns a scalar, a list of scalars or a message; undefined removes the field. */
  assignField(field: FieldSpec, value: Scalar | readonly Scalar[] | Message | undefined): void {
    if (field.oneof) {
      for (const other of this.spec.fields) {
        if (other.oneof) this.replace(other, absent);
      }
    }
    if (value instanceof Message) {
      value.node.owner = this;
      value.node.changed = true;
    }
    this.replace(field, value ?? absent);
    this.noteChange();
  }

  /** A free node with the content as it is now, for a second place in a tree. */
  copy(): MessageNode {
    const writer = new Writer(this.end - this.start);
    this.writeContent(writer);
    return new MessageNode(this.spec, undefined, writer.bytes, 0, writer.length);
  }

  private replace(field: FieldSpec, cell: Cell): void {
    const old = this.cell(field.slot);
    if (old instanceof Message && old !== cell) old.node.owner = undefined;
    this.keep(field.slot, cell);
    this.assigned |= 1 << field.slot;
  }

  /**
   * The content of a submessage as [source, start, end); undefined when it is absent. One that occurs several times is
   * merged as protobuf does, which is concatenation.
   */
  submessageRange(field: FieldSpec): [Uint8Array, number, number] | undefined {
    const last = this.find(field);
    if (last === -1) return undefined;
    const fields = this.scan();
    let first = last;
    for (let at = last - scanStride; at >= 0; at -= scanStride) {
      const number = fields[at]! >>> 3;
      if (number === field.number) first = at;
      else if (field.oneof && this.spec.byNumber[number]?.oneof === true) break;
    }
    if (first === last) return [this.source, fields[last + 2]!, fields[last + 3]!];
    const pieces: Uint8Array[] = [];
    for (let at = first; at <= last; at += scanStride) {
      if (fields[at]! >>> 3 === field.number)
        pieces.push(this.source.subarray(fields[at + 2], fields[at + 3]));
    }
    const merged = new Uint8Array(Buffer.concat(pieces));
    return [merged, 0, merged.length];
  }

  /** Writes the content, without tag and length. */
  writeContent(writer: Writer): void {
    if (!this.changed) {
      writer.raw(this.source, this.start, this.end);
      return;
    }
    const fields = this.scan();
    const last = this.lastOccurrences(fields);
    const ordinals = zeros.slice(0, this.spec.fields.length);
    // Neighbours that are copied as they are go in one piece.
    let copyFrom = this.start;
    for (let at = 0; at < fields.length; at += scanStride) {
      const field = this.spec.byNumber[fields[at]! >>> 3];
      if (field === undefined || this.isUntouched(field, ordinals)) continue;
      if (copyFrom < fields[at + 1]!) writer.raw(this.source, copyFrom, fields[at + 1]!);
      copyFrom = fields[at + 3]!;
      const cell = this.cell(field.slot);
      if (isPart(cell)) cell.writeOccurrence(writer, ordinals[field.slot]! - 1);
      else if (at === last[field.slot]) this.writeCell(writer, field, cell);
    }
    if (copyFrom < this.end) writer.raw(this.source, copyFrom, this.end);
    for (const field of this.spec.fields) {
      const cell = this.cell(field.slot);
      if (isPart(cell)) cell.writeAdded(writer);
      else if (last[field.slot] === -1 && this.isAssigned(field, cell)) this.writeCell(writer, field, cell);
    }
  }

  /** Writes tag, length and content as a field of an owner. */
  writeAs(writer: Writer, number: number): void {
    writer.tag(number, WireType.bytes);
    const place = writer.begin(this.end - this.start);
    this.writeContent(writer);
    writer.end(place);
  }

  private isAssigned(field: FieldSpec, cell: Cell): boolean {
    return (this.assigned & (1 << field.slot)) !== 0 || (cell instanceof Message && cell.node.changed);
  }

  /** Also counts the occurrence. */
  private isUntouched(field: FieldSpec, ordinals: number[]): boolean {
    const ordinal = ordinals[field.slot]!;
    ordinals[field.slot] = ordinal + 1;
    const cell = this.cell(field.slot);
    return isPart(cell) ? cell.isUntouched(ordinal) : !this.isAssigned(field, cell);
  }

  private lastOccurrences(fields: readonly number[]): number[] {
    const last = nowhere.slice(0, this.spec.fields.length);
    // Only single fields ask, and most changes are to lists.
    if (!this.hasChangedField()) return last;
    for (let at = 0; at < fields.length; at += scanStride) {
      const field = this.spec.byNumber[fields[at]! >>> 3];
      if (field !== undefined) last[field.slot] = at;
    }
    return last;
  }

  private hasChangedField(): boolean {
    if (this.assigned !== 0) return true;
    return this.cells?.some((cell) => cell instanceof Message && cell.node.changed) === true;
  }

  private writeCell(writer: Writer, field: FieldSpec, cell: Cell): void {
    if (cell === undefined || cell === absent || isPart(cell)) return;
    if (cell instanceof Message) {
      // One that was only made for a reader stays unwritten.
      const { node } = cell;
      if (node.changed || node.start < node.end) node.writeAs(writer, field.number);
      return;
    }
    if (!field.presence && !field.repeated && isDefault(cell as Scalar)) return;
    writeField(writer, field, cell);
  }
}

/**
 * One message as a view over received bytes. Reading a property decodes that field only and remembers it; assigning marks this
 * message and its ancestors changed. The properties are made from the field tables (fields.ts).
 */
export class Message {
  declare readonly spec: MessageSpec;
  declare readonly node: MessageNode;

  /** Without a node: a new message without fields. */
  constructor(node?: MessageNode) {
    this.node = node ?? new MessageNode(this.spec);
  }
}

/** A class of messages. */
export type MessageClass<T extends Message> = new (node?: MessageNode) => T;

function isPart(cell: Cell): cell is RepeatedPart {
  return typeof cell === "object" && cell !== null && "writeOccurrence" in cell;
}
