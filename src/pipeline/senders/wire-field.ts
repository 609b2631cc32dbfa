/** A few fields of a protobuf message by their tags, without decoding the rest. Never throws: what is malformed is not found. */

/** Bytes from `start` up to `end`, exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Content of the next field with this tag (field number and wire type) in [start, end). */
export function findField(source: Buffer, start: number, end: number, wantedTag: number): Range | undefined {
  let at = start;
  while (at < end) {
    const tag = varint(source, at, end);
    if (tag === undefined) return undefined;
    const content = contentAt(source, tag.value & 7, tag.end, end);
    if (content === undefined || tag.value === wantedTag) return content;
    at = content.end;
  }
  return undefined;
}

function contentAt(source: Buffer, wireType: number, at: number, end: number): Range | undefined {
  const upTo = (contentEnd: number, start = at): Range | undefined =>
    contentEnd > end ? undefined : { start, end: contentEnd };
  switch (wireType) {
    case 0: {
      const value = varint(source, at, end);
      return value === undefined ? undefined : upTo(value.end);
    }
    case 1:
      return upTo(at + 8);
    case 2: {
      const length = varint(source, at, end);
      return length === undefined ? undefined : upTo(length.end + length.value, length.end);
    }
    case 5:
      return upTo(at + 4);
    default:
      return undefined;
  }
}

function varint(source: Buffer, start: number, end: number): { value: number; end: number } | undefined {
  let value = 0;
  let unit = 1;
  for (let at = start; at < end && at < start + 10; at++) {
    const byte = source[at] ?? 0;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return { value, end: at + 1 };
    unit *= 128;
  }
  return undefined;
}
