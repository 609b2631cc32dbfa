/** Reads the primitive types of Kafka's protocol (kafka.apache.org, "Protocol Primitive Types"). What lies behind the end reads as nothing, and is noted. */
export class WireReader {
  /** True once more was read than is there. */
  cut = false;
  private readonly bytes: Buffer;
  private readonly flexible: boolean;
  private at: number;

  /** @param flexible whether lengths are variable integers, and tagged fields stand at the end of each structure */
  constructor(bytes: Buffer, at: number, flexible: boolean) {
    this.bytes = bytes;
    this.at = at;
    this.flexible = flexible;
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length) this.cut = true;
  }

  int8(): number {
    const at = this.step(1);
    return this.cut ? 0 : this.bytes.readInt8(at);
  }

  int16(): number {
    const at = this.step(2);
    return this.cut ? 0 : this.bytes.readInt16BE(at);
  }

  int32(): number {
    const at = this.step(4);
    return this.cut ? 0 : this.bytes.readInt32BE(at);
  }

  /** "0123...": 32 digits. */
  uuid(): string {
    const at = this.step(16);
    return this.cut ? "" : this.bytes.toString("hex", at, at + 16);
  }

  /** "" for null. */
  text(): string {
    const length = this.flexible ? this.uvarint() - 1 : this.int16();
    return this.textOf(length);
  }

  /** With its length in two bytes whatever the version. */
  fixedText(): string {
    return this.textOf(this.int16());
  }

  /** Elements of an array, 0 for null. */
  count(): number {
    return Math.max(0, this.flexible ? this.uvarint() - 1 : this.int32());
  }

  /** Bytes of records, which are not read: where they begin, and how many there are. */
  records(): { readonly at: number; readonly length: number } {
    const length = Math.max(0, this.flexible ? this.uvarint() - 1 : this.int32());
    return { at: this.step(length), length };
  }

  /** Tagged fields, where the version has them. */
  tags(): void {
    if (!this.flexible) return;
    for (let left = this.uvarint(); left > 0 && !this.cut; left--) {
      this.uvarint();
      this.skip(this.uvarint());
    }
  }

  private textOf(length: number): string {
    if (length <= 0) return "";
    const at = this.step(length);
    return this.cut ? "" : this.bytes.toString("utf8", at, at + length);
  }

  private uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const at = this.step(1);
      if (this.cut) return 0;
      const byte = this.bytes[at]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.cut = true;
    return 0;
  }

  private step(count: number): number {
    const { at } = this;
    this.skip(count);
    return at;
  }
}
