/** HPACK (RFC 7541), reading side: header blocks to fields, with the dynamic table of one connection. */
import { decodeHuffman } from "./huffman.ts";
import { ErrorCode, Http2Error } from "./protocol.ts";
import { staticTable, type Field } from "./static-table.ts";

/** The size that both sides begin with. */
const defaultTableBytes = 4096;
/** What an entry counts beside its text (section 4.1). */
export const entryOverhead = 32;

export class HpackDecoder {
  /** Newest last; those before `#first` are evicted. */
  #dynamic: Field[] = [];
  #first = 0;
  #tableBytes = 0;
  #tableLimit = defaultTableBytes;
  readonly #maxTableBytes: number;
  /** How often what later blocks mean has changed: while it stays the same, equal blocks are equal fields. */
  tableChanges = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @param maxTableBytes the largest table that the other side may ask for, at least that which both begin with */
  constructor(maxTableBytes: number = defaultTableBytes) {
    this.#maxTableBytes = maxTableBytes;
  }

  /** Calls `onField` for each field, in order. Throws `Http2Error`; the connection cannot go on then. */
  decode(block: Buffer, onField: (name: string, value: string) => void): void {
    this.#bytes = block;
    this.#at = 0;
    let mayResize = true;
    while (this.#at < block.length) {
      const first = block[this.#at]!;
      if (first >= 0x80) {
        const { name, value } = this.#entry(this.#integer(7));
        onField(name, value);
      } else if ((first & 0xe0) === 0x20) {
        // Only in front of all fields (section 4.2).
        const limit = this.#integer(5);
        if (!mayResize || limit > this.#maxTableBytes) throw invalid("a change of the table's size");
        if (limit !== this.#tableLimit) this.tableChanges++;
        this.#tableLimit = limit;
        this.#evict();
        continue;
      } else {
        const isIndexed = first >= 0x40;
        const index = this.#integer(isIndexed ? 6 : 4);
        const name = index === 0 ? this.#text() : this.#entry(index).name;
        const value = this.#text();
        if (isIndexed) this.#add({ name, value });
        onField(name, value);
      }
      mayResize = false;
    }
  }

  #entry(index: number): Field {
    const entry =
      index <= staticTable.length
        ? staticTable[index - 1]
        : this.#dynamic[this.#dynamic.length - (index - staticTable.length)];
    if (entry === undefined || index - staticTable.length > this.#dynamic.length - this.#first) {
      throw invalid(`index ${index}`);
    }
    return entry;
  }

  #add(field: Field): void {
    this.tableChanges++;
    this.#dynamic.push(field);
    this.#tableBytes += sizeOf(field);
    this.#evict();
  }

  #evict(): void {
    while (this.#tableBytes > this.#tableLimit) this.#tableBytes -= sizeOf(this.#dynamic[this.#first++]!);
    if (this.#first < 256) return;
    this.#dynamic = this.#dynamic.slice(this.#first);
    this.#first = 0;
  }

  /** An integer with a prefix of so many bits (section 5.1). */
  #integer(prefix: number): number {
    const mask = 2 ** prefix - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      // Nothing of ours is longer than a header block.
      if (shift > 21) throw invalid("a number that is too large");
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  #text(): string {
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw invalid("text that is cut off");
    this.#at = end;
    if (isHuffman) return decodeHuffman(this.#bytes, start, end);
    return this.#bytes.toString("latin1", start, end);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw invalid("a block that is cut off");
    return byte;
  }
}

function sizeOf({ name, value }: Field): number {
  return name.length + value.length + entryOverhead;
}

function invalid(what: string): Http2Error {
  return new Http2Error(ErrorCode.compressionError, `cannot read headers: ${what}`);
}
