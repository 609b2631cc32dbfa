import { MalformedWireError } from "./malformed.ts";
import { readVarintNumber, varintEnd } from "./number.ts";

/** Numbers per field in the array that `scanFields` makes: tag, start of the tag, start of the value, end of the value. */
export const scanStride = 4;

/** Reused, so that an array does not grow step by step for every message; as long as the longest message seen. */
const scratch: number[] = [];

/**
 * Finds the fields of the message in [start, end), in order, without looking into them. Four numbers a field:
 * tag (field number * 8 + wire type as a signed 32-bit number: read it by `>>> 3` and `& 7`), offset of the tag, offset of
 * the value (after its length prefix), end of the value.
 * Throws `MalformedWireError` for anything that is no sequence of fields inside the range; groups are refused.
 */
export function scanFields(bytes: Uint8Array, start: number, end: number): number[] {
  let used = 0;
  let position = start;
  while (position < end) {
    const tagStart = position;
    let tag = bytes[position++]!;
    if (tag >= 0x80) {
      position = varintEnd(bytes, tagStart, end);
      tag = readVarintNumber(bytes, tagStart, position);
    }
    if (tag < 8 || tag > 0xffffffff) throw new MalformedWireError("invalid field number", tagStart);
    let valueStart = position;
    switch (tag & 7) {
      case 0:
        position = varintEnd(bytes, position, end);
        break;
      case 1:
        position += 8;
        break;
      case 2: {
        let length = position < end ? bytes[position++]! : 0x80;
        if (length >= 0x80) {
          position = varintEnd(bytes, valueStart, end);
          length = readVarintNumber(bytes, valueStart, position);
        }
        valueStart = position;
        position += length;
        break;
      }
      case 5:
        position += 4;
        break;
      default:
        throw new MalformedWireError(`unsupported wire type ${tag & 7}`, tagStart);
    }
    if (position > end) throw new MalformedWireError("field is cut off", tagStart);
    // Kept to 32 bits: one number beyond would make this array, and every copy of it, one of doubles.
    scratch[used++] = tag | 0;
    scratch[used++] = tagStart;
    scratch[used++] = valueStart;
    scratch[used++] = position;
  }
  return scratch.slice(0, used);
}
