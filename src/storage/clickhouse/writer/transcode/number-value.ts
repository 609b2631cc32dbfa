/** A number that is either a double or a 64-bit integer, as number data points and exemplars have it. */
import type { NumberColumn, WideColumn } from "../native/fixed-columns.ts";
import type { WireCursor } from "./wire-cursor.ts";

export interface NumberColumns {
  readonly value: WideColumn;
  readonly valueKind: NumberColumn;
  readonly intValue: WideColumn;
}

/** As schema/metrics-tables.ts says. */
const valueKinds = { none: 0, double: 1, exactInt: 2, largeInt: 3 } as const;

/** `doubleAt`, `intAt`: offsets of the value, -1 for the one that is not set. */
export function appendNumber(
  cursor: WireCursor,
  doubleAt: number,
  intAt: number,
  columns: NumberColumns,
): void {
  let kind: number = valueKinds.none;
  if (doubleAt !== -1) {
    kind = valueKinds.double;
    columns.value.append(cursor.low(doubleAt), cursor.high(doubleAt));
  } else if (intAt !== -1) {
    const high = cursor.high(intAt) | 0;
    const low = cursor.low(intAt);
    kind = high >= -0x200000 && high < 0x200000 ? valueKinds.exactInt : valueKinds.largeInt;
    columns.value.appendFloat(high * 4294967296 + low);
    if (kind === valueKinds.largeInt) {
      columns.valueKind.append(kind);
      columns.intValue.append(low, high);
      return;
    }
  } else columns.value.appendFloat(0);
  columns.valueKind.append(kind);
  columns.intValue.append(0, 0);
}
