/** The Huffman code of HPACK (RFC 7541, appendix B). Only read: what we send stays plain, which costs some bytes and no time. */
import { ErrorCode, Http2Error } from "./protocol.ts";

/** Bits of the code of each octet, and of the end of a string (256). Codes rise with length, then with the octet, so these say all. */
const codeLengths: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];
const endOfString = 256;
const longest = 30;

/** Symbols in the order of their codes; by length: the first code, the place of its symbol, how many there are. */
const symbols: number[] = [];
const firstCode = new Float64Array(longest + 1);
const firstSymbol = new Uint16Array(longest + 1);
const codesOf = new Uint16Array(longest + 1);

let next = 0;
for (let length = 1; length <= longest; length++) {
  next *= 2;
  firstCode[length] = next;
  firstSymbol[length] = symbols.length;
  codeLengths.forEach((bits, symbol) => {
    if (bits === length) symbols.push(symbol);
  });
  codesOf[length] = symbols.length - firstSymbol[length]!;
  next += codesOf[length]!;
}

/** The text, one character an octet. Throws `Http2Error` for what is no code, and for padding that is not the begin of the longest. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let code = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length++;
      if (length > longest) throw invalid();
      const index = code - firstCode[length]!;
      if (index < 0 || index >= codesOf[length]!) continue;
      const symbol = symbols[firstSymbol[length]! + index]!;
      if (symbol === endOfString) throw invalid();
      text += String.fromCharCode(symbol);
      code = 0;
      length = 0;
    }
  }
  if (length > 7 || code !== 2 ** length - 1) throw invalid();
  return text;
}

function invalid(): Http2Error {
  return new Http2Error(ErrorCode.compressionError, "no Huffman code");
}
