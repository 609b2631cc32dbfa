/**
 * Batches on disk, in order: `append` resolves when a batch is safe. Batches that come while a file is on its way to the disk share the next one, so
 * that a sync is paid once for many. A file goes when the last of its batches was removed.
 *
 *     0000000000000a3f.12.queue    sequence in hex, number of records
 */
import { open, stat } from "node:fs/promises";
import { DurableDirectory, isDiskFull } from "../../../../base/durable/durable-directory.ts";
import { messageOf, OtelierError } from "../../../../base/error.ts";
import type { Batch } from "../../../../telemetry/batch.ts";
import type { Signal } from "../../../../telemetry/signal.ts";
import {
  readRecordBody,
  readRecordHead,
  recordHeadBytes,
  recordOf,
  type RecordHead,
} from "./queue-record.ts";

export interface QueueFilesOptions {
  readonly path: string;
  readonly signal: Signal;
  readonly fsync: boolean;
  /** Bytes on disk above which nothing is taken; 0: no limit. */
  readonly maxBytes: number;
  /** Records, or what cannot be told into records, were moved to `aside/`. */
  readonly onDamage: (damage: Damage) => void;
}

export interface Damage {
  readonly file: string;
  readonly reason: string;
}

interface QueueFile {
  readonly name: string;
  sizeBytes: number;
  records: number;
}

/** A batch on disk. */
export interface StoredBatch {
  readonly file: QueueFile;
  readonly offset: number;
  readonly head: RecordHead;
}

interface Waiting {
  readonly batch: Batch;
  readonly resolve: (stored: StoredBatch) => void;
  readonly reject: (error: unknown) => void;
}

const ending = ".queue";
const maxFileBytes: number = 32 * 1024 * 1024;

export class QueueFiles {
  private readonly options: QueueFilesOptions;
  private readonly directory: DurableDirectory;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private sequence = 0;
  private sizeBytes = 0;

  constructor(options: QueueFilesOptions) {
    this.options = options;
    this.directory = new DurableDirectory({ path: options.path, ending, fsync: options.fsync });
  }

  /** What an earlier run left, oldest first. */
  async open(): Promise<readonly StoredBatch[]> {
    const found: StoredBatch[] = [];
    for (const name of (await this.directory.open()).toSorted()) {
      const match = /^([0-9a-f]{16})\.(\d+)\.queue$/.exec(name);
      if (match === null) {
        await this.setAside(name, "its name is not that of a queue's file");
        continue;
      }
      this.sequence = Math.max(this.sequence, Number.parseInt(match[1] ?? "", 16));
      found.push(...(await this.scan(name, Number(match[2]))));
    }
    return found;
  }

  /** Resolves when the batch is on disk. Rejects retryable: "queue-full", "disk-full", "queue-write-failed". */
  append(batch: Batch): Promise<StoredBatch> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  /** Reads a batch back; undefined when it is damaged, which was reported, and it is no longer there. */
  async load(stored: StoredBatch): Promise<Batch | undefined> {
    const body = await this.read(stored.file.name, stored.offset + recordHeadBytes, stored.head.bodyBytes);
    const batch = readRecordBody(this.options.signal, stored.head, body);
    if (batch !== undefined) return batch;
    await this.keepAside(stored.file.name, stored.offset, body, "the checksum of a batch is wrong");
    await this.remove(stored);
    return undefined;
  }

  /** Forgets a batch. */
  async remove({ file }: StoredBatch): Promise<void> {
    file.records--;
    if (file.records > 0) return;
    this.sizeBytes -= file.sizeBytes;
    await this.directory.remove(file.name);
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    // Batches that came in the same turn of the event loop share the file.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) await this.writeFile(this.next());
    this.writing = undefined;
  }

  private next(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { batch } of this.waiting) {
      if (count > 0 && bytes + batch.sizeBytes > maxFileBytes) break;
      bytes += batch.sizeBytes;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async writeFile(group: readonly Waiting[]): Promise<void> {
    const token = (++this.sequence).toString(16).padStart(16, "0");
    const name = `${token}.${group.length}${ending}`;
    const records = group.map(({ batch }) => recordOf(batch));
    const sizeBytes = records.reduce((sum, record) => sum + record.bytes, 0);
    try {
      this.checkRoom(sizeBytes);
      const pieces = records.flatMap((record) => record.pieces);
      await this.directory.prepare(token, pieces);
      await this.directory.name(token, name);
      await this.directory.sync();
    } catch (error) {
      await this.directory.discard(token, name);
      const failure = writeError(error);
      for (const { reject } of group) reject(failure);
      return;
    }
    const file = { name, sizeBytes, records: group.length };
    this.sizeBytes += sizeBytes;
    let offset = 0;
    for (const [at, { resolve }] of group.entries()) {
      const record = records[at];
      const head = readRecordHead(Buffer.from(record?.pieces[0] ?? []));
      if (record === undefined || head === undefined) throw new TypeError("a record without a head");
      resolve({ file, offset, head });
      offset += record.bytes;
    }
  }

  private checkRoom(more: number): void {
    const { maxBytes } = this.options;
    if (maxBytes === 0 || this.sizeBytes + more <= maxBytes) return;
    const message = `sending queue is full: max_size of its storage is ${maxBytes} bytes`;
    throw new OtelierError(message, { code: "queue-full", outcome: "retryable" });
  }

  private async scan(name: string, expected: number): Promise<readonly StoredBatch[]> {
    const { size } = await stat(this.directory.filePath(name));
    const file: QueueFile = { name, sizeBytes: size, records: 0 };
    const found: StoredBatch[] = [];
    let offset = 0;
    while (found.length < expected) {
      const head = readRecordHead(await this.read(name, offset, recordHeadBytes));
      const end = offset + recordHeadBytes + (head?.bodyBytes ?? 0);
      if (head === undefined || end > size) break;
      found.push({ file, offset, head });
      offset = end;
    }
    if (found.length === 0) {
      await this.setAside(name, "none of its batches can be read");
      return [];
    }
    if (found.length < expected) {
      const rest = await this.read(name, offset, size - offset);
      await this.keepAside(
        name,
        offset,
        rest,
        `${expected - found.length} of ${expected} batches cannot be read`,
      );
    }
    file.records = found.length;
    this.sizeBytes += size;
    return found;
  }

  private async read(name: string, offset: number, length: number): Promise<Buffer> {
    const file = await open(this.directory.filePath(name), "r");
    try {
      const buffer = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return buffer.subarray(0, done);
    } finally {
      await file.close();
    }
  }

  private async setAside(name: string, reason: string): Promise<void> {
    await this.directory.moveAside(name, reason);
    this.options.onDamage({ file: name, reason });
  }

  private async keepAside(name: string, offset: number, bytes: Buffer, reason: string): Promise<void> {
    const part = `${name.slice(0, -ending.length)}.${offset}${ending}`;
    await this.directory.keepAside(part, bytes, reason);
    this.options.onDamage({ file: part, reason });
  }
}

function writeError(error: unknown): OtelierError {
  if (error instanceof OtelierError) return error;
  const isFull = isDiskFull(error);
  const why = isFull ? "the disk of the storage directory is full" : messageOf(error);
  return new OtelierError(`cannot keep the batch in the sending queue: ${why}`, {
    code: isFull ? "disk-full" : "queue-write-failed",
    outcome: "retryable",
    cause: error,
    ...(isFull ? { retryAfterMs: 30_000 } : {}),
  });
}
