import { readText } from "./number.ts";

const slots = 2048;
const longest = 48;
const cachedBytes: (Uint8Array | undefined)[] = Array.from({ length: slots }, () => undefined);
const cachedText: string[] = Array.from({ length: slots }, () => "");

/**
 * Like `readText`, for texts that come again and again, such as attribute keys: comparing with a remembered one costs a quarter of
 * decoding, and equal texts are the same string. Remembers at most 2,048 texts of up to 48 bytes. Benchmark: bench/codec.ts.
 */
export function readInternedText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return "";
  if (length > longest) return readText(bytes, start, end);
  // Keys of one family differ at the end and in length.
  const slot =
    (length * 31 +
      bytes[end - 1]! * 7 +
      bytes[start + (length >> 1)]! * 131 +
      bytes[start]! * 17 +
      bytes[end - 1 - (length >> 2)]! * 53) %
    slots;
  const cached = cachedBytes[slot];
  if (cached !== undefined && cached.length === length) {
    let index = 0;
    while (index < length && cached[index] === bytes[start + index]) index++;
    if (index === length) return cachedText[slot]!;
  }
  const text = readText(bytes, start, end);
  cachedBytes[slot] = bytes.slice(start, end);
  cachedText[slot] = text;
  return text;
}
