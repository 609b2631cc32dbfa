import { ByteSink, putVaruint } from "./byte-sink.ts";
import { copyBytes } from "./byte-words.ts";
import type { ChunkList, Column } from "./column.ts";
import { writeHex } from "./hex.ts";

/** String: varuint length and bytes, row after row. Bytes are copied as they are, valid UTF-8 or not. */
export class StringColumn implements Column {
  readonly type = "String";
  readonly sink: ByteSink = new ByteSink();
  rows = 0;

  get sizeBytes(): number {
    return this.sink.length;
  }

  /** Appends [start, end) of `source`; `words`: a DataView over the same bytes, which makes it faster. */
  append(source: Uint8Array, start: number, end: number, words?: DataView): void {
    const sink = this.sink;
    const size = end - start;
    sink.reserve(size + 8);
    const bytes = sink.bytes;
    let at = sink.length;
    if (size < 0x80) bytes[at++] = size;
    else at = putVaruint(bytes, at, size);
    sink.length = copyBytes(source, words, start, end, bytes, sink.words, at);
    this.rows++;
  }

  appendText(value: string): void {
    this.sink.text(value);
    this.rows++;
  }

  /** Appends [start, end) of `source` as lower-case hex. */
  appendHex(source: Uint8Array, start: number, end: number): void {
    const sink = this.sink;
    const size = (end - start) * 2;
    sink.reserve(size + 8);
    const at = putVaruint(sink.bytes, sink.length, size);
    sink.length = writeHex(source, start, end, sink.words, at);
    this.rows++;
  }

  appendDefault(): void {
    this.sink.byte(0);
    this.rows++;
  }

  /** Appends `count` rows that are encoded already: `encoded` is the view of another column's sink. */
  appendEncoded(encoded: Uint8Array, count: number): void {
    const sink = this.sink;
    sink.reserve(encoded.length);
    sink.bytes.set(encoded, sink.length);
    sink.length += encoded.length;
    this.rows += count;
  }

  /** Walks over the rows that stay: rare, and nothing has to be remembered for it. */
  truncate(rows: number): void {
    const { bytes } = this.sink;
    let at = 0;
    for (let row = 0; row < rows; row++) {
      let size = 0;
      let unit = 1;
      for (; bytes[at]! >= 0x80; unit *= 128) size += (bytes[at++]! & 0x7f) * unit;
      at += 1 + size + bytes[at]! * unit;
    }
    this.rows = rows;
    this.sink.length = at;
  }

  reset(): void {
    this.rows = 0;
    this.sink.reset();
  }

  writePrefix(): void {}

  writeData(out: ChunkList): void {
    out.add(this.sink.view());
  }
}
