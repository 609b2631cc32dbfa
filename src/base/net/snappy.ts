/** Snappy decompression, block and framed format (github.com/google/snappy, format_description.txt and framing_format.txt). */
import { compressionError, decompressedTooLarge } from "./compression-error.ts";

const streamIdentifier = "\u00ff\u0006\u0000\u0000sNaPpY";

/** Decompresses either format; checksums of the framed one are not verified. Throws "malformed-compression" or "body-too-large". */
export function unsnappy(bytes: Uint8Array, maxBytes: number): Buffer {
  const framed = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 10)).toString("latin1");
  return framed === streamIdentifier ? unframe(bytes, maxBytes) : unblock(bytes, maxBytes);
}

function malformed(): Error {
  return compressionError("malformed-compression", "invalid snappy data");
}

function unframe(bytes: Uint8Array, maxBytes: number): Buffer {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) throw malformed();
    const kind = bytes[at] ?? 0;
    const length = (bytes[at + 1] ?? 0) | ((bytes[at + 2] ?? 0) << 8) | ((bytes[at + 3] ?? 0) << 16);
    const start = at + 4;
    at = start + length;
    if (at > bytes.length) throw malformed();
    if (kind > 1) {
      // 0x02 to 0x7f may not be skipped; 0x80 to 0xff are padding, identifiers and things to come.
      if (kind < 0x80) throw malformed();
      continue;
    }
    if (length < 4) throw malformed();
    const content = bytes.subarray(start + 4, at);
    const piece = kind === 0 ? unblock(content, maxBytes - size) : content;
    size += piece.length;
    if (size > maxBytes) throw decompressedTooLarge(maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

function unblock(bytes: Uint8Array, maxBytes: number): Buffer {
  let at = 0;
  let declared = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined || shift > 28) throw malformed();
    declared += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (declared > maxBytes) throw decompressedTooLarge(maxBytes);
  // A copy element of three bytes makes at most 64: what is declared beyond that cannot come and must not be allocated.
  if (declared > bytes.length * 64) throw malformed();
  const out = Buffer.alloc(declared);
  let size = 0;
  while (at < bytes.length) {
    const tag = bytes[at++] ?? 0;
    const kind = tag & 3;
    let length = (tag >> 2) + 1;
    if (kind === 0) {
      if (length > 60) {
        const extra = length - 60;
        length = little(bytes, at, extra) + 1;
        at += extra;
      }
      if (at + length > bytes.length || size + length > declared) throw malformed();
      out.set(bytes.subarray(at, at + length), size);
      at += length;
      size += length;
      continue;
    }
    let offset: number;
    if (kind === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | little(bytes, at, 1);
      at += 1;
    } else {
      const width = kind === 2 ? 2 : 4;
      offset = little(bytes, at, width);
      at += width;
    }
    if (offset === 0 || offset > size || size + length > declared) throw malformed();
    // Byte by byte: a copy may overlap what it writes.
    for (let end = size + length; size < end; size++) out[size] = out[size - offset] ?? 0;
  }
  if (size !== declared) throw malformed();
  return out;
}

function little(bytes: Uint8Array, at: number, width: number): number {
  if (at + width > bytes.length) throw malformed();
  let value = 0;
  for (let index = 0; index < width; index++) value += (bytes[at + index] ?? 0) * 2 ** (8 * index);
  return value;
}
