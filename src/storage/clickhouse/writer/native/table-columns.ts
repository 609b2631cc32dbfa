/**
 * Makes the columns of a table's block as its description says, so that the block and the table cannot drift apart: every column is asked for by name and kind, in
 * any order, and `finish` refuses a block that lacks one.
 */
import { storedColumns, type TableSpec } from "../../schema/table-spec.ts";
import { ArrayColumn } from "./array-column.ts";
import { Block } from "./block.ts";
import type { Column } from "./column.ts";
import { NumberColumn, WideColumn } from "./fixed-columns.ts";
import { LowCardinalityColumn } from "./low-cardinality-column.ts";
import {
  attributesColumn,
  sharedAttributesColumn,
  textMapColumn,
  type AttributesColumn,
  type SharedAttributesColumn,
  type TextMapColumn,
} from "./map-column.ts";
import { StringColumn } from "./string-column.ts";

type NumberType = "UInt8" | "Date" | "UInt32" | "DateTime" | "Int32";

export class TableColumns {
  private readonly table: TableSpec;
  private readonly made: Map<string, Column> = new Map();

  constructor(table: TableSpec) {
    this.table = table;
  }

  string(name: string): StringColumn {
    return this.keep(name, new StringColumn());
  }

  lowCardinality(name: string): LowCardinalityColumn {
    return this.keep(name, new LowCardinalityColumn());
  }

  number(name: string, type: NumberType): NumberColumn {
    return this.keep(name, new NumberColumn(type));
  }

  wide(name: string, type: string): WideColumn {
    return this.keep(name, new WideColumn(type));
  }

  attributes(name: string): AttributesColumn {
    return this.keep(name, attributesColumn());
  }

  sharedAttributes(name: string): SharedAttributesColumn {
    return this.keep(name, sharedAttributesColumn());
  }

  textMap(name: string): TextMapColumn {
    return this.keep(name, textMapColumn());
  }

  array<E extends Column>(name: string, element: E): ArrayColumn<E> {
    return this.keep(name, new ArrayColumn(element));
  }

  private keep<C extends Column>(name: string, column: C): C {
    const spec = storedColumns(this.table).find((candidate) => candidate.name === name);
    if (spec?.type !== column.type) {
      throw new Error(
        `column "${this.table.name}.${name}" is ${spec?.type ?? "missing"}, not ${column.type}`,
      );
    }
    this.made.set(name, column);
    return column;
  }

  /** The block, its columns in the table's order. */
  finish(): Block {
    return new Block(
      storedColumns(this.table).map(({ name }) => {
        const column = this.made.get(name);
        if (column === undefined) throw new Error(`nobody writes column "${this.table.name}.${name}"`);
        return { name, column };
      }),
    );
  }
}
