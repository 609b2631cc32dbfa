/**
 * An answer as columns. Readers know which columns they asked for and of which kind; asking for one that is not there is a mistake in the
 * program and throws. 64-bit integers come as text (use `strings`, or cast in SQL and use `numbers`).
 */
export class ColumnTable {
  readonly rows: number;
  private readonly data: Readonly<Record<string, readonly unknown[]>>;

  private constructor(data: Readonly<Record<string, readonly unknown[]>>, rows: number) {
    this.data = data;
    this.rows = rows;
  }

  /** Reads ClickHouse's JSONColumnsWithMetadata. */
  static parse(text: string): ColumnTable {
    const parsed = JSON.parse(text) as {
      meta: readonly { readonly name: string }[];
      data: Record<string, unknown[]>;
      rows: number;
    };
    // An answer without rows names its columns in `meta` only.
    const empty = Object.fromEntries(parsed.meta.map(({ name }) => [name, []]));
    return new ColumnTable({ ...empty, ...parsed.data }, parsed.rows);
  }

  strings(name: string): readonly string[] {
    return this.column(name) as readonly string[];
  }

  numbers(name: string): readonly number[] {
    return this.column(name) as readonly number[];
  }

  /** NaN and infinities are null in the answer. */
  nullableNumbers(name: string): readonly (number | null)[] {
    return this.column(name) as readonly (number | null)[];
  }

  stringLists(name: string): readonly (readonly string[])[] {
    return this.column(name) as readonly (readonly string[])[];
  }

  numberLists(name: string): readonly (readonly number[])[] {
    return this.column(name) as readonly (readonly number[])[];
  }

  /** One value: of the only row. */
  string(name: string): string {
    return this.strings(name)[0] ?? "";
  }

  number(name: string): number {
    return this.numbers(name)[0] ?? 0;
  }

  private column(name: string): readonly unknown[] {
    const column = this.data[name];
    if (column === undefined) throw new Error(`the answer has no column "${name}"`);
    return column;
  }
}

export interface RowTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Reads ClickHouse's JSONCompact. */
export function parseRows(text: string): RowTable {
  const parsed = JSON.parse(text) as { meta: RowTable["columns"]; data: RowTable["rows"] };
  return { columns: parsed.meta, rows: parsed.data };
}
