/** Messages of Kafka's protocol as its definition lays them out: numbers by their bytes, texts and arrays by the version's kind of length. */
class KafkaWriter {
  private readonly parts: Buffer[] = [];
  private readonly flexible: boolean;

  constructor(flexible: boolean) {
    this.flexible = flexible;
  }

  int(bytes: 1 | 2 | 4 | 8, value: number): this {
    const part = Buffer.alloc(bytes);
    if (bytes === 8) part.writeBigInt64BE(BigInt(value));
    else part.writeIntBE(value, 0, bytes);
    this.parts.push(part);
    return this;
  }

  /** A text, or null. */
  text(value: string | null): this {
    if (this.flexible) this.varint(value === null ? 0 : value.length + 1);
    else this.int(2, value === null ? -1 : value.length);
    return this.raw(Buffer.from(value ?? ""));
  }

  fixedText(value: string): this {
    return this.int(2, value.length).raw(Buffer.from(value));
  }

  array<T>(items: readonly T[], each: (item: T) => void): this {
    this.length(items.length);
    for (const item of items) each(item);
    return this;
  }

  bytes(value: Buffer): this {
    this.length(value.length);
    return this.raw(value);
  }

  raw(value: Buffer): this {
    this.parts.push(value);
    return this;
  }

  /** One field that nobody knows, so that it has to be stepped over. */
  tags(): this {
    return this.flexible ? this.raw(Buffer.from([1, 99, 2, 7, 7])) : this;
  }

  finish(): Buffer {
    const body = Buffer.concat(this.parts);
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length);
    return Buffer.concat([length, body]);
  }

  private length(count: number): void {
    if (this.flexible) this.varint(count + 1);
    else this.int(4, count);
  }

  private varint(value: number): void {
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.int(1, ((left % 0x80) | 0x80) - 256);
    this.int(1, left);
  }
}

/** A topic by its name, or by 32 digits, and its partitions. */
export interface Topic<Partition> {
  readonly topic: string;
  readonly partitions: readonly Partition[];
}

const flexibleFrom = [9, 12, Number.POSITIVE_INFINITY, 9];

function begin(api: number, version: number, correlation: number): KafkaWriter {
  const writer = new KafkaWriter(version >= flexibleFrom[api]!);
  return writer.int(2, api).int(2, version).int(4, correlation).fixedText("shop-1").tags();
}

function answer(api: number, version: number, correlation: number): KafkaWriter {
  return new KafkaWriter(version >= flexibleFrom[api]!).int(4, correlation).tags();
}

function topicsInto<P>(
  writer: KafkaWriter,
  isById: boolean,
  topics: readonly Topic<P>[],
  each: (partition: P) => void,
): Buffer {
  writer.array(topics, ({ topic, partitions }) => {
    if (isById) writer.raw(Buffer.from(topic, "hex"));
    else writer.text(topic);
    writer.array(partitions, (partition) => {
      each(partition);
      writer.tags();
    });
    writer.tags();
  });
  return writer.tags().finish();
}

/** A batch of so many messages, each of which takes so many bytes. */
export function batchOf(messages: number, bytes = 10): Buffer {
  const batch = Buffer.alloc(61 + messages * bytes, 0x78);
  batch.writeInt32BE(batch.length - 12, 8);
  batch[16] = 2;
  batch.writeInt32BE(messages, 57);
  return batch;
}

export function produceRequest(
  version: number,
  correlation: number,
  topics: readonly Topic<{ readonly index: number; readonly records: Buffer }>[],
  acks = -1,
): Buffer {
  const writer = begin(0, version, correlation);
  if (version >= 3) writer.text(null);
  writer.int(2, acks).int(4, 30_000);
  return topicsInto(writer, version >= 13, topics, ({ index, records }) =>
    writer.int(4, index).bytes(records),
  );
}

export function produceResponse(
  version: number,
  correlation: number,
  topics: readonly Topic<{ readonly index: number; readonly error: number }>[],
): Buffer {
  const writer = answer(0, version, correlation);
  return topicsInto(writer, version >= 13, topics, ({ index, error }) => {
    writer.int(4, index).int(2, error).int(8, 77);
    if (version >= 2) writer.int(8, -1);
    if (version >= 5) writer.int(8, 0);
    if (version < 8) return;
    const failed = error === 0 ? [] : [0];
    writer.array(failed, (record) => writer.int(4, record).text("it is wrong").tags());
    writer.text(error === 0 ? null : "all is wrong");
  });
}

export function fetchRequest(version: number, correlation: number, topics: readonly Topic<number>[]): Buffer {
  const writer = begin(1, version, correlation);
  if (version < 15) writer.int(4, -1);
  writer.int(4, 500).int(4, 1);
  if (version >= 3) writer.int(4, 1 << 20);
  if (version >= 4) writer.int(1, 0);
  if (version >= 7) writer.int(4, 0).int(4, -1);
  return topicsInto(writer, version >= 13, topics, (index) => {
    writer.int(4, index);
    if (version >= 9) writer.int(4, 3);
    writer.int(8, 100);
    if (version >= 12) writer.int(4, -1);
    if (version >= 5) writer.int(8, -1);
    writer.int(4, 1 << 20);
  });
}

export function fetchResponse(
  version: number,
  correlation: number,
  topics: readonly Topic<{ readonly index: number; readonly error?: number; readonly records: Buffer }>[],
): Buffer {
  const writer = answer(1, version, correlation);
  if (version >= 1) writer.int(4, 0);
  if (version >= 7) writer.int(2, 0).int(4, 12);
  return topicsInto(writer, version >= 13, topics, ({ index, error = 0, records }) => {
    writer.int(4, index).int(2, error).int(8, 200);
    if (version >= 4) writer.int(8, 200);
    if (version >= 5) writer.int(8, 0);
    if (version >= 4) writer.array([5], (producer) => writer.int(8, producer).int(8, 6).tags());
    if (version >= 11) writer.int(4, -1);
    writer.bytes(records);
  });
}

export function metadataRequest(version: number, correlation: number): Buffer {
  return begin(3, version, correlation).finish();
}

export function metadataResponse(
  version: number,
  correlation: number,
  topics: readonly { readonly name: string; readonly id: string }[],
): Buffer {
  const writer = answer(3, version, correlation);
  writer.int(4, 0);
  writer.array([1, 2], (node) => writer.int(4, node).text(`broker-${node}`).int(4, 9092).text(null).tags());
  writer.text("cluster").int(4, 1);
  writer.array(topics, ({ name, id }) => {
    writer.int(2, 0).text(name).raw(Buffer.from(id, "hex")).int(1, 0);
    writer.array([0, 1], (partition) => {
      writer.int(2, 0).int(4, partition).int(4, 1).int(4, 9);
      for (const list of [[1, 2], [1, 2], []]) writer.array(list, (node) => writer.int(4, node));
      writer.tags();
    });
    writer.int(4, 0).tags();
  });
  return writer.tags().finish();
}
