// Two ASCII digits for each byte value, at 2n and 2n + 1.
const digits: Uint8Array = new Uint8Array(512);
for (let value = 0; value < 256; value++) {
  const text = value.toString(16).padStart(2, "0");
  digits[value * 2] = text.charCodeAt(0);
  digits[value * 2 + 1] = text.charCodeAt(1);
}

/** Writes [start, end) of `source` as lower-case hex at `at` (room assumed); returns the offset behind it. */
export function writeHex(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  let to = at;
  for (let from = start; from < end; from++) {
    const place = source[from]! << 1;
    target[to++] = digits[place]!;
    target[to++] = digits[place + 1]!;
  }
  return to;
}
