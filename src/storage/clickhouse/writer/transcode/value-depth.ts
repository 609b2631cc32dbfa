import { MalformedWireError } from "../../../../telemetry/wire/malformed.ts";
import { maxValueDepth } from "../../../../telemetry/wire/schema.ts";
import { WireCursor } from "./wire-cursor.ts";

/** Refuses AnyValue messages that are malformed or nest deeper than the codec's limit, before anything recursive looks at them. */
export function checkDepth(message: Uint8Array): void {
  const cursor = new WireCursor();
  cursor.open(message);
  checkValue(cursor, 0, message.length, 1);
}

function checkValue(cursor: WireCursor, start: number, end: number, depth: number): void {
  if (depth > maxValueDepth) {
    throw new MalformedWireError(`values are nested deeper than ${maxValueDepth}`, start);
  }
  for (let at = start; at < end;) {
    const tag = cursor.next(at, end);
    at = cursor.end;
    // Arrays hold values, kvlists pairs, in field 1.
    if (tag === 0x2a)
      checkField(cursor, cursor.start, at, 0x0a, (from, to) => checkValue(cursor, from, to, depth + 1));
    else if (tag === 0x32) {
      checkField(cursor, cursor.start, at, 0x0a, (pairStart, pairEnd) =>
        checkField(cursor, pairStart, pairEnd, 0x12, (from, to) => checkValue(cursor, from, to, depth + 1)),
      );
    }
  }
}

/** Calls `check` with the bounds of each field that has this tag. */
function checkField(
  cursor: WireCursor,
  start: number,
  end: number,
  wanted: number,
  check: (start: number, end: number) => void,
): void {
  for (let at = start; at < end;) {
    const tag = cursor.next(at, end);
    at = cursor.end;
    if (tag === wanted) check(cursor.start, at);
  }
}
