import type { JsonCursor } from "./json-cursor.ts";

/** Value of a hex digit by its byte, 255 for other bytes. */
const nibbles: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

/**
 * Shortcuts for the scalars that every span has several of: they skip the text that `readJsonScalar` makes. Each returns
 * undefined for anything unusual, with the cursor where it was. Benchmark: bench/codec.ts.
 */
export function readHexDirectly(cursor: JsonCursor): Uint8Array | undefined {
  const before = cursor.position;
  cursor.string();
  const { bytes, stringStart, stringEnd } = cursor;
  const digits = stringEnd - stringStart;
  if (digits % 2 === 0 && digits <= 64) {
    const id = new Uint8Array(digits >> 1);
    let seen = 0;
    for (let index = 0; index < id.length; index++) {
      const high = nibbles[bytes[stringStart + 2 * index]!]!;
      const low = nibbles[bytes[stringStart + 2 * index + 1]!]!;
      seen |= high | low;
      id[index] = high * 16 + low;
    }
    // Only the mark of a byte that is no digit has higher bits.
    if (seen < 16) return id;
  }
  cursor.position = before;
  return undefined;
}

/** A whole number of at most 19 digits without sign, quoted or not. */
export function readDigitsDirectly(cursor: JsonCursor): bigint | undefined {
  const quoted = cursor.peek() === 0x22;
  const { bytes, position } = cursor;
  const start = quoted ? position + 1 : position;
  let at = start;
  let high = 0;
  let low = 0;
  for (; at < bytes.length; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    // The first digits and the last nine apart: both stay exact.
    if (at - start < 10) high = high * 10 + digit;
    else low = low * 10 + digit;
  }
  const count = at - start;
  const next = bytes[at] ?? 0;
  const ends = quoted ? next === 0x22 : next === 0x2c || next === 0x7d || next === 0x5d;
  if (!ends || count === 0 || count > 19 || (count > 1 && bytes[start] === 0x30)) return undefined;
  cursor.position = quoted ? at + 1 : at;
  return count <= 10 ? BigInt(high) : BigInt(high) * BigInt(10 ** (count - 10)) + BigInt(low);
}
