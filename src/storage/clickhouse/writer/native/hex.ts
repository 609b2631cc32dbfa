// Two ASCII digits for each byte value, the first in the low byte.
const digits: Uint16Array = Uint16Array.from({ length: 256 }, (_, value) => {
  const text = value.toString(16).padStart(2, "0");
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8);
});

/** Writes [start, end) of `source` as lower-case hex at `at` (room assumed); returns the offset behind it. */
export function writeHex(
  source: Uint8Array,
  start: number,
  end: number,
  target: DataView,
  at: number,
): number {
  let to = at;
  for (let from = start; from < end; from++, to += 2) target.setUint16(to, digits[source[from]!]!, true);
  return to;
}
