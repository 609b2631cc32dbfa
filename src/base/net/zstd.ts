/** Zstandard decompression with bounds, around `fzstd`. Format: RFC 8878. */
import { Decompress } from "fzstd";
import { compressionError, decompressedTooLarge } from "./compression-error.ts";

/** Decoders must support 8 MiB (RFC 8878, section 3.1.1.1.2); a frame that declares more would make the decoder allocate it. */
const maxWindowBytes = 8 * 1024 * 1024;
const maxBlockBytes = 128 * 1024;
const frameMagic = 0xfd2fb528;

/** Decompresses all frames; throws "malformed-compression" or "body-too-large". Memory is bounded by `maxBytes` and the window. */
export function unzstd(bytes: Uint8Array, maxBytes: number): Buffer {
  checkFrames(bytes, maxBytes);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((piece) => {
    size += piece.length;
    if (size > maxBytes) throw decompressedTooLarge(maxBytes);
    // The decoder reuses its window, so what it hands out is only valid now.
    pieces.push(piece.slice());
  });
  try {
    stream.push(bytes, true);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "body-too-large") throw error;
    throw compressionError("malformed-compression", "invalid zstd data", error);
  }
  return Buffer.concat(pieces, size);
}

/** Walks frame and block headers without decompressing, so that nothing declared there can cost memory. */
function checkFrames(bytes: Uint8Array, maxBytes: number): void {
  let at = 0;
  while (at < bytes.length) at = checkFrame(bytes, at, maxBytes);
}

function checkFrame(bytes: Uint8Array, start: number, maxBytes: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const need = (end: number): void => {
    if (end > bytes.length) throw compressionError("malformed-compression", "zstd data is cut off");
  };
  need(start + 6);
  const magic = view.getUint32(start, true);
  if (magic !== frameMagic) throw compressionError("malformed-compression", "not zstd data");
  const descriptor = bytes[start + 4] ?? 0;
  const single = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 1 << sizeFlag;
  let at = start + 5;
  if (!single) {
    const windowByte = bytes[at++] ?? 0;
    const base = 2 ** (10 + (windowByte >> 3));
    refuseWindow(base + (base / 8) * (windowByte & 7));
  }
  at += dictionaryBytes;
  need(at + sizeBytes);
  if (sizeBytes > 0) {
    const declared =
      sizeBytes === 1
        ? view.getUint8(at)
        : sizeBytes === 2
          ? view.getUint16(at, true) + 256
          : sizeBytes === 4
            ? view.getUint32(at, true)
            : Number(view.getBigUint64(at, true));
    if (declared > maxBytes) throw decompressedTooLarge(maxBytes);
  }
  at += sizeBytes;
  for (let last = false; !last;) {
    need(at + 3);
    const header = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    const size = header >> 3;
    const kind = (header >> 1) & 3;
    if (size > maxBlockBytes || kind === 3)
      throw compressionError("malformed-compression", "invalid zstd block");
    last = (header & 1) === 1;
    at += 3 + (kind === 1 ? 1 : size);
  }
  at += (descriptor & 4) !== 0 ? 4 : 0;
  need(at);
  return at;
}

function refuseWindow(windowBytes: number): void {
  if (windowBytes > maxWindowBytes) {
    const message = `zstd window of ${windowBytes} bytes is larger than ${maxWindowBytes}`;
    throw compressionError("malformed-compression", message);
  }
}
