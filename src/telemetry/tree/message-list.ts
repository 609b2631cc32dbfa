import type { FieldSpec } from "../wire/field.ts";
import { scanStride } from "../wire/scan.ts";
import type { Writer } from "../wire/writer.ts";
import { MessageNode, type Message, type MessageClass, type Owner, type RepeatedPart } from "./message.ts";

/** A repeated message field. Messages are made when they are asked for; order is the wire's. */
export class MessageList<T extends Message> implements Owner, RepeatedPart {
  private readonly owner: MessageNode;
  private readonly field: FieldSpec;
  private readonly create: MessageClass<T>;
  /** Places in the owner's scan, by ordinal. */
  private readonly places: number[] = [];
  private readonly received: (T | undefined)[] = [];
  /** Ordinals that are still in the list; undefined = all. */
  private kept: number[] | undefined = undefined;
  private removed: Set<number> | undefined = undefined;
  private added: T[] = [];

  constructor(owner: MessageNode, field: FieldSpec, create: MessageClass<T>) {
    this.owner = owner;
    this.field = field;
    this.create = create;
    const fields = owner.scan();
    for (let at = 0; at < fields.length; at += scanStride) {
      if (fields[at]! >>> 3 === field.number) this.places.push(at);
    }
  }

  get length(): number {
    return this.receivedLength + this.added.length;
  }

  private get receivedLength(): number {
    return this.kept?.length ?? this.places.length;
  }

  /** The message at `index` from 0; undefined outside the list. */
  at(index: number): T | undefined {
    const count = this.receivedLength;
    if (index >= count) return this.added[index - count];
    const ordinal = this.kept === undefined ? index : this.kept[index];
    return ordinal === undefined ? undefined : this.open(ordinal);
  }

  private open(ordinal: number): T | undefined {
    const known = this.received[ordinal];
    if (known !== undefined) return known;
    const place = this.places[ordinal];
    const spec = this.field.message;
    if (place === undefined || spec === undefined) return undefined;
    const fields = this.owner.scan();
    const made = new this.create(
      new MessageNode(spec, this, this.owner.source, fields[place + 2], fields[place + 3]),
    );
    this.received[ordinal] = made;
    return made;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.length; index++) {
      const message = this.at(index);
      if (message !== undefined) yield message;
    }
  }

  /** Appends a message and returns the one that is in the list: itself, or a copy when it belongs elsewhere. */
  push(message: T): T {
    const own = message.node.owner === undefined ? message : new this.create(message.node.copy());
    own.node.owner = this;
    this.added.push(own);
    this.owner.noteChange();
    return own;
  }

  /** Removes every message for which `predicate` holds, called once for each in order; returns how many. */
  removeWhere(predicate: (message: T, index: number) => boolean): number {
    const kept: number[] = [];
    const removed = new Set(this.removed);
    const before = this.length;
    const receivedCount = this.receivedLength;
    for (let index = 0; index < receivedCount; index++) {
      const ordinal = this.kept?.[index] ?? index;
      const message = this.open(ordinal);
      if (message !== undefined && predicate(message, index)) {
        message.node.owner = undefined;
        removed.add(ordinal);
      } else kept.push(ordinal);
    }
    const added = this.added.filter((message, index) => {
      const gone = predicate(message, receivedCount + index);
      if (gone) message.node.owner = undefined;
      return !gone;
    });
    const count = before - kept.length - added.length;
    if (count === 0) return 0;
    this.kept = kept;
    this.removed = removed;
    this.added = added;
    this.owner.noteChange();
    return count;
  }

  noteChange(): void {
    this.owner.noteChange();
  }

  isUntouched(ordinal: number): boolean {
    return this.removed?.has(ordinal) !== true && this.received[ordinal]?.node.changed !== true;
  }

  writeOccurrence(writer: Writer, ordinal: number): void {
    if (this.removed?.has(ordinal) !== true) this.received[ordinal]?.node.writeAs(writer, this.field.number);
  }

  writeAdded(writer: Writer): void {
    for (const message of this.added) message.node.writeAs(writer, this.field.number);
  }
}
