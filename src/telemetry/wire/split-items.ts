import { countIn, itemPaths } from "./count-items.ts";
import { scanFields, scanStride } from "./scan.ts";
import type { Signal } from "./signal.ts";
import { Writer } from "./writer.ts";

/** A message in pieces of received memory: joined they are its bytes. */
export interface Piece {
  readonly chunks: Uint8Array[];
  sizeBytes: number;
  items: number;
}

/**
 * Splits a batch into pieces of at most `maxItems` (at least 1), in order, without copying: whole resources, scopes and metrics move as
 * they are, and one is opened, its other fields repeated, only where a piece ends inside it. Throws `MalformedWireError`.
 */
export function splitItems(signal: Signal, bytes: Uint8Array, maxItems: number): Piece[] {
  return splitMessage({ bytes, path: itemPaths[signal], maxItems }, 0, bytes.length, 0, maxItems);
}

interface Split {
  readonly bytes: Uint8Array;
  readonly path: readonly number[];
  readonly maxItems: number;
}

/** Splits the content [start, end); the first piece holds at most `firstRoom` items. */
function splitMessage(split: Split, start: number, end: number, level: number, firstRoom: number): Piece[] {
  const { bytes, path, maxItems } = split;
  const fields = scanFields(bytes, start, end);
  const wanted = path[level] ?? 0;
  const isChild = (at: number): boolean =>
    fields[at]! >>> 0 < 256 && (wanted & (1 << (fields[at]! >>> 3))) !== 0;
  const open = (): Piece => {
    const piece: Piece = { chunks: [], sizeBytes: 0, items: 0 };
    for (let at = 0; at < fields.length; at += scanStride) {
      if (!isChild(at)) append(piece, bytes.subarray(fields[at + 1], fields[at + 3]));
    }
    return piece;
  };
  let piece = open();
  const pieces = [piece];
  let room = firstRoom;
  const next = (): void => {
    piece = open();
    pieces.push(piece);
    room = maxItems;
  };
  for (let at = 0; at < fields.length; at += scanStride) {
    if (!isChild(at)) continue;
    const valueStart = fields[at + 2]!;
    const valueEnd = fields[at + 3]!;
    const items = countIn(bytes, valueStart, valueEnd, path, level + 1);
    if (items > 0 && room === 0) next();
    if (items <= room) {
      append(piece, bytes.subarray(fields[at + 1], valueEnd));
      piece.items += items;
      room -= items;
      continue;
    }
    splitMessage(split, valueStart, valueEnd, level + 1, room).forEach((part, index) => {
      if (index > 0) next();
      const head = new Writer(16);
      head.tag(fields[at]! >>> 3, 2);
      head.varint(part.sizeBytes);
      append(piece, head.finish());
      for (const chunk of part.chunks) append(piece, chunk);
      piece.items += part.items;
      room -= part.items;
    });
  }
  return pieces;
}

function append(piece: Piece, chunk: Uint8Array): void {
  piece.chunks.push(chunk);
  piece.sizeBytes += chunk.length;
}
