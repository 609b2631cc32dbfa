/** One row of a Native block, by column name. */
import type { NativeTable, NativeValue } from "../writer/native/read-block.ts";

export class Row {
  private readonly table: NativeTable;
  private readonly at: number;

  constructor(table: NativeTable, at: number) {
    this.table = table;
    this.at = at;
  }

  text(name: string): string {
    return String(this.value(name));
  }

  number(name: string): number {
    return Number(this.value(name));
  }

  bigint(name: string): bigint {
    const value = this.value(name);
    return typeof value === "bigint" ? value : BigInt(Number(value));
  }

  list(name: string): readonly NativeValue[] {
    const value = this.value(name);
    return Array.isArray(value) ? (value as readonly NativeValue[]) : [];
  }

  /** Lower-case hex as bytes. */
  id(name: string): Uint8Array {
    return bytesOfHex(this.text(name));
  }

  /** A map column as pairs in its order. */
  pairs(name: string): readonly (readonly [string, string])[] {
    return pairsOf(this.list(name));
  }

  private value(name: string): NativeValue {
    const value = this.table.columns.get(name)?.values[this.at];
    if (value === undefined) throw new Error(`the row has no column "${name}"`);
    return value;
  }
}

export function rowsOf(tables: readonly NativeTable[]): readonly Row[] {
  return tables.flatMap((table) => Array.from({ length: table.rows }, (_, at) => new Row(table, at)));
}

export function pairsOf(value: NativeValue): readonly (readonly [string, string])[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly NativeValue[]).map((pair) => {
    const [key = "", text = ""] = Array.isArray(pair) ? (pair as readonly NativeValue[]) : [];
    return [String(key), String(text)];
  });
}

export function bytesOfHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
