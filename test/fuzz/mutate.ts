import type { Random } from "../../src/base/random.ts";

/** Bytes and texts at which decoders decide something. */
const telling: readonly Buffer[] = [
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]),
  Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
  Buffer.from([0x7f, 0xff, 0xff, 0xff]),
  Buffer.from([0x00]),
  Buffer.from('{"a":['),
  Buffer.from('\\ud800"'),
  Buffer.from("1e999"),
  Buffer.from("\r\n\r\n"),
  Buffer.from("transfer-encoding: chunked\r\n"),
  Buffer.from("99999999999999999999"),
];

export const below = (random: Random, bound: number): number => Math.floor(random.next() * bound);

/** A copy of the seed with one to six changes: bits, bytes, lengths, pieces cut out, doubled, swapped for pieces of another seed. */
export function mutate(seed: Uint8Array, other: Uint8Array, random: Random): Buffer {
  let bytes = Buffer.from(seed);
  for (let changes = 1 + below(random, 6); changes > 0; changes--) {
    const at = below(random, bytes.length + 1);
    const end = Math.min(bytes.length, at + below(random, 40));
    switch (below(random, 7)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = below(random, 256);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at, end), bytes.subarray(end)]);
        break;
      case 4: {
        const from = below(random, other.length + 1);
        const piece = other.subarray(from, from + below(random, 60));
        bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(end)]);
        break;
      }
      case 5:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          telling[below(random, telling.length)] ?? Buffer.alloc(0),
          bytes.subarray(at),
        ]);
        break;
      default:
        bytes = bytes.subarray(0, at);
    }
  }
  return bytes;
}
