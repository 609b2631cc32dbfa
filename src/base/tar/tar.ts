/** Archives as streams: files go in and come out one behind the other, none is held in memory. */
import { blockBytes, paddingOf, parseHeader, printHeader, type TarHeader } from "./header.ts";

export interface ArchiveFile extends TarHeader {
  /** Exactly `sizeBytes` bytes; to be read once, before the next file is asked for. */
  content(): AsyncIterable<Uint8Array>;
}

/** Throws when a file is longer or shorter than it said. */
export async function* writeTar(
  files: AsyncIterable<ArchiveFile> | Iterable<ArchiveFile>,
  timeSeconds: number,
): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    yield printHeader(file, timeSeconds);
    let size = 0;
    for await (const piece of file.content()) {
      size += piece.length;
      yield piece;
    }
    if (size !== file.sizeBytes)
      throw new Error(`"${file.path}" has ${size} bytes where ${file.sizeBytes} were told`);
    const padding = paddingOf(size);
    if (padding > 0) yield Buffer.alloc(padding);
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** Throws when the archive is damaged or ends early. What was not read of a file is skipped. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveFile> {
  const reader = new PieceReader(source);
  try {
    for (;;) {
      const header = parseHeader(await reader.whole(blockBytes));
      if (header === undefined) {
        // An archive ends with two blocks of zeros; the rest of the stream is read, so that its end is known to be good.
        await reader.whole(blockBytes);
        while ((await reader.some(blockBytes)) !== undefined);
        return;
      }
      let left = header.sizeBytes;
      const content = async function* (): AsyncGenerator<Uint8Array> {
        while (left > 0) {
          const piece = await reader.some(left);
          if (piece === undefined) throw new Error("the archive ends in the middle of a file");
          left -= piece.length;
          yield piece;
        }
      };
      yield { ...header, content };
      for await (const _ of content());
      await reader.whole(paddingOf(header.sizeBytes));
    }
  } finally {
    await reader.close();
  }
}

class PieceReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private piece: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** At least one and at most `most` bytes; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.piece.length === 0) {
      const next = await this.source.next();
      if (next.done === true) return undefined;
      const { buffer, byteOffset, byteLength } = next.value;
      this.piece = Buffer.from(buffer, byteOffset, byteLength);
    }
    const taken = this.piece.subarray(0, most);
    this.piece = this.piece.subarray(taken.length);
    return taken;
  }

  async whole(size: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = size; left > 0;) {
      const piece = await this.some(left);
      if (piece === undefined) throw new Error("the archive ends early");
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces, size);
  }

  async close(): Promise<void> {
    await this.source.return?.();
  }
}
