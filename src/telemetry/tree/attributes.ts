import { anyValueSpec, arrayValueSpec, keyValueListSpec } from "../wire/common-spec.ts";
import { WireType, type FieldSpec } from "../wire/field.ts";
import { writeField, type Scalar } from "../wire/scalar.ts";
import { scanFields, scanStride } from "../wire/scan.ts";
import { Writer } from "../wire/writer.ts";
import { plainScalar, readKey, valueBytes } from "./key-value.ts";
import { Message, MessageNode, type MessageClass, type Owner, type RepeatedPart } from "./message.ts";
import { MessageList } from "./message-list.ts";

/**
 * An attribute's value: int is bigint, double is number, bytes share the received memory, a kvlist is `Attributes` that
 * can be changed in place, null is the empty value.
 */
export type AnyValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly AnyValue[]
  | Attributes
  | null;

/** State of an entry. */
const received = 0;
const replaced = 1;
const removed = 2;
type State = typeof received | typeof replaced | typeof removed;

interface Entry {
  readonly key: string;
  /** Range of the KeyValue in the owner's source; both 0 for a new entry. */
  readonly start: number;
  readonly end: number;
  state: State;
  /** Read or assigned; undefined = not read yet. */
  value: AnyValue | undefined;
  /** The node behind a received kvlist or array: knows whether something inside changed. */
  node: ValueMessage | undefined;
}

/**
 * Attributes of one owner in wire order, a view like `Message`. A key that occurs more than once is tolerated: `get` finds the
 * first, `set` replaces the first and removes the others, `delete` removes all.
 */
export class Attributes implements Owner, RepeatedPart {
  owner: Owner | undefined;
  private readonly source: Uint8Array;
  private readonly number: number;
  private readonly entryList: Entry[] = [];
  private receivedCount = 0;

  /** Without arguments: free attributes, to be set as a kvlist value. */
  constructor(message?: MessageNode, field?: FieldSpec) {
    this.owner = message;
    this.source = message?.source ?? new Uint8Array(0);
    this.number = field?.number ?? 1;
    const fields = message?.scan() ?? [];
    for (let at = 0; at < fields.length; at += scanStride) {
      if (fields[at]! >>> 3 !== this.number) continue;
      const start = fields[at + 2]!;
      const end = fields[at + 3]!;
      this.entryList.push({
        key: readKey(this.source, start, end),
        start,
        end,
        state: received,
        value: undefined,
        node: undefined,
      });
    }
    this.receivedCount = this.entryList.length;
  }

  /** Free attributes with these entries, to be set as a kvlist value. */
  static of(entries: Iterable<readonly [string, AnyValue]>): Attributes {
    const made = new Attributes();
    for (const [key, value] of entries) made.set(key, value);
    return made;
  }

  /** Number of entries; a key that occurs twice counts twice. */
  get size(): number {
    let count = 0;
    for (const entry of this.entryList) if (entry.state !== removed) count++;
    return count;
  }

  has(key: string): boolean {
    return this.find(key) !== undefined;
  }

  /** The value of the first entry with this key; null when it is empty, undefined when there is none. */
  get(key: string): AnyValue | undefined {
    const entry = this.find(key);
    return entry === undefined ? undefined : this.valueOf(entry);
  }

  /** Attributes given as a value belong to this place afterwards; ones that belong elsewhere are copied. */
  set(key: string, value: AnyValue): void {
    const own = this.adopt(value);
    const first = this.find(key);
    if (first === undefined) {
      this.entryList.push({ key, start: 0, end: 0, state: replaced, value: own, node: undefined });
    } else {
      this.drop(key, first);
      first.state = replaced;
      first.value = own;
      first.node = undefined;
    }
    this.noteChange();
  }

  /** Removes every entry with this key; false when there was none. */
  delete(key: string): boolean {
    if (this.find(key) === undefined) return false;
    this.drop(key, undefined);
    this.noteChange();
    return true;
  }

  /** Removes the entries for which `predicate` holds; returns how many. */
  deleteWhere(predicate: (key: string, value: AnyValue) => boolean): number {
    let count = 0;
    for (const entry of this.entryList) {
      if (entry.state === removed || !predicate(entry.key, this.valueOf(entry))) continue;
      entry.state = removed;
      count++;
    }
    if (count > 0) this.noteChange();
    return count;
  }

  /** Keys and values in wire order. */
  *entries(): IterableIterator<[string, AnyValue]> {
    for (const entry of this.entryList) {
      if (entry.state !== removed) yield [entry.key, this.valueOf(entry)];
    }
  }

  *keys(): IterableIterator<string> {
    for (const entry of this.entryList) if (entry.state !== removed) yield entry.key;
  }

  noteChange(): void {
    this.owner?.noteChange();
  }

  isUntouched(ordinal: number): boolean {
    const entry = this.entryList[ordinal];
    return entry?.state === received && entry.node?.node.changed !== true;
  }

  writeOccurrence(writer: Writer, ordinal: number, number: number = this.number): void {
    const entry = this.entryList[ordinal];
    if (entry === undefined || entry.state === removed) return;
    writer.tag(number, WireType.bytes);
    const place = writer.begin(entry.end - entry.start);
    // All but the value is copied: the key as it was spelled, and fields that we do not know.
    const fields = scanFields(this.source, entry.start, entry.end);
    let written = false;
    for (let at = 0; at < fields.length; at += scanStride) {
      if (fields[at]! >>> 3 !== 2) writer.raw(this.source, fields[at + 1]!, fields[at + 3]!);
      else if (!written) {
        written = true;
        this.writeValue(writer, entry);
      }
    }
    if (!written) this.writeValue(writer, entry);
    writer.end(place);
  }

  writeAdded(writer: Writer, number: number = this.number): void {
    for (let index = this.receivedCount; index < this.entryList.length; index++) {
      const entry = this.entryList[index]!;
      if (entry.state === removed) continue;
      writer.tag(number, WireType.bytes);
      const place = writer.begin(0);
      writer.tag(1, WireType.bytes);
      writer.text(entry.key);
      this.writeValue(writer, entry);
      writer.end(place);
    }
  }

  /** Writes every entry as it is now in field `number`: for attributes that are written in another place than their own. */
  writeAll(writer: Writer, number: number): void {
    for (let ordinal = 0; ordinal < this.receivedCount; ordinal++) {
      const entry = this.entryList[ordinal]!;
      if (this.isUntouched(ordinal)) {
        writer.tag(number, WireType.bytes);
        const place = writer.begin(entry.end - entry.start);
        writer.raw(this.source, entry.start, entry.end);
        writer.end(place);
      } else this.writeOccurrence(writer, ordinal, number);
    }
    this.writeAdded(writer, number);
  }

  private writeValue(writer: Writer, entry: Entry): void {
    if (entry.state === received && entry.node !== undefined) {
      entry.node.node.writeAs(writer, 2);
      return;
    }
    writer.tag(2, WireType.bytes);
    const place = writer.begin(8);
    writeAnyValue(writer, entry.value ?? null);
    writer.end(place);
  }

  private find(key: string): Entry | undefined {
    for (const entry of this.entryList) if (entry.key === key && entry.state !== removed) return entry;
    return undefined;
  }

  private drop(key: string, except: Entry | undefined): void {
    for (const entry of this.entryList) if (entry.key === key && entry !== except) entry.state = removed;
  }

  private adopt(value: AnyValue): AnyValue {
    if (!(value instanceof Attributes)) return value;
    if (value.owner === undefined && value !== this) {
      value.owner = this;
      return value;
    }
    const copy = new ValueMessage();
    copy.value = value;
    copy.node.owner = this;
    return copy.value;
  }

  private valueOf(entry: Entry): AnyValue {
    if (entry.value !== undefined) return entry.value;
    const scalar = plainScalar(this.source, entry.start, entry.end);
    if (scalar !== undefined) {
      entry.value = scalar;
      return scalar;
    }
    // Nested, empty, or spelled in an unusual way: leave it to a node.
    const range = valueBytes(this.source, entry.start, entry.end);
    entry.node = new ValueMessage(new MessageNode(anyValueSpec, this, range, 0, range.length));
    entry.value = entry.node.value;
    return entry.value;
  }
}

/** Writes the content of an AnyValue message. */
export function writeAnyValue(writer: Writer, value: AnyValue): void {
  if (value === null) return;
  const field = anyValueSpec.fields[slotOf(value)]!;
  if (field.message === undefined) {
    writeField(writer, field, value as Scalar);
    return;
  }
  writer.tag(field.number, WireType.bytes);
  const place = writer.begin(64);
  if (value instanceof Attributes) value.writeAll(writer, 1);
  else if (Array.isArray(value)) {
    for (const element of value as readonly AnyValue[]) {
      writeElement(writer, element);
    }
  }
  writer.end(place);
}

function writeElement(writer: Writer, element: AnyValue): void {
  writer.tag(1, WireType.bytes);
  const place = writer.begin(8);
  writeAnyValue(writer, element);
  writer.end(place);
}

function slotOf(value: Exclude<AnyValue, null>): number {
  if (typeof value === "string") return 0;
  if (typeof value === "boolean") return 1;
  if (typeof value === "bigint") return 2;
  if (typeof value === "number") return 3;
  if (value instanceof Uint8Array) return 6;
  return value instanceof Attributes ? 5 : 4;
}

const kvlistField = anyValueSpec.byNumber[6]!;
const arrayField = anyValueSpec.byNumber[5]!;

/** An AnyValue message as a node: the value of a log body, and of attributes that hold a kvlist or an array. */
export class ValueMessage extends Message {
  declare readonly spec: typeof anyValueSpec;

  get value(): AnyValue {
    const field = this.spec.fields.find((one) => this.isActive(one));
    if (field === undefined) return null;
    if (field === kvlistField) return this.nested(field, KeyValueListMessage).values;
    if (field === arrayField) {
      const elements = this.nested(field, ArrayValueMessage).values;
      return Array.from(elements, (element) => element.value);
    }
    return this.node.readField(field) as AnyValue;
  }

  set value(value: AnyValue) {
    if (value === null) {
      this.node.assignField(arrayField, undefined);
    } else if (value instanceof Attributes) {
      this.node.assignField(kvlistField, KeyValueListMessage.holding(value));
    } else if (Array.isArray(value)) {
      const writer = new Writer();
      for (const element of value as readonly AnyValue[]) writeElement(writer, element);
      this.node.assignField(
        arrayField,
        new ArrayValueMessage(new MessageNode(arrayValueSpec, undefined, writer.bytes, 0, writer.length)),
      );
    } else this.node.assignField(this.spec.fields[slotOf(value)]!, value as Scalar);
  }

  private isActive(field: FieldSpec): boolean {
    const cell = this.node.cell(field.slot);
    return cell === undefined ? this.node.find(field) !== -1 : cell !== null;
  }

  private nested<T extends Message>(field: FieldSpec, create: MessageClass<T>): T {
    const known = this.node.cell(field.slot);
    if (known instanceof create) return known;
    const [source, start, end] = this.node.submessageRange(field) ?? [this.node.source, 0, 0];
    const made = new create(new MessageNode(create.prototype.spec, this.node, source, start, end));
    this.node.keep(field.slot, made);
    return made;
  }
}

class KeyValueListMessage extends Message {
  declare readonly spec: typeof keyValueListSpec;

  /** Takes free attributes as they are, copies others. */
  static holding(attributes: Attributes): KeyValueListMessage {
    if (attributes.owner === undefined) {
      const list = new KeyValueListMessage();
      list.node.keep(0, attributes);
      attributes.owner = list.node;
      return list;
    }
    const writer = new Writer();
    attributes.writeAll(writer, 1);
    return new KeyValueListMessage(
      new MessageNode(keyValueListSpec, undefined, writer.bytes, 0, writer.length),
    );
  }

  get values(): Attributes {
    const known = this.node.cell(0);
    if (known instanceof Attributes) return known;
    const made = new Attributes(this.node, this.spec.fields[0]);
    this.node.keep(0, made);
    return made;
  }
}

class ArrayValueMessage extends Message {
  declare readonly spec: typeof arrayValueSpec;

  get values(): MessageList<ValueMessage> {
    const known = this.node.cell(0);
    if (known instanceof MessageList) return known as MessageList<ValueMessage>;
    const made = new MessageList(this.node, this.spec.fields[0]!, ValueMessage);
    this.node.keep(0, made);
    return made;
  }
}

Object.assign(ValueMessage.prototype, { spec: anyValueSpec });
Object.assign(KeyValueListMessage.prototype, { spec: keyValueListSpec });
Object.assign(ArrayValueMessage.prototype, { spec: arrayValueSpec });
