/** Takes a Parquet file of an export back, as one insert of the engine. */
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, OtelierError } from "../../../base/error.ts";
import type { ImportResult } from "../../transfer.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { quoteString } from "../reader/sql/print.ts";
import { storedColumns } from "../schema/table-spec.ts";
import { attributeKeysTable, keysOfRows } from "../schema/tables.ts";
import { checkAge, oldestAllowedMs, type AgeRules } from "./age-check.ts";
import { columnNames, exportedTables, quoted, timeOf } from "./exported-tables.ts";

const timeoutMs = 300_000;

export interface ParquetImport {
  readonly client: ClickHouseClient;
  /** For a copy of the file while it is read. */
  readonly temporaryDirectory: string;
  readonly rules: AgeRules;
}

/** The same content a second time is no insert: its hash is the token. */
export async function importParquet(
  bytes: Uint8Array,
  { client, temporaryDirectory, rules }: ParquetImport,
  context: ReadContext,
): Promise<ImportResult> {
  if (client.address.kind !== "socket") {
    throw new OtelierError(
      "cannot import Parquet into a ClickHouse server, which cannot read our files; import OTLP/JSON, or insert the files with clickhouse-client",
      { code: "import-unsupported", outcome: "permanent" },
    );
  }
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  const file = join(temporaryDirectory, `import-${hash}.parquet`);
  await writeFile(file, bytes, { mode: 0o600 });
  try {
    const { table, signal } = await tableOf(client, file);
    const structure = storedColumns(table)
      .map(({ name, type }) => `\`${name}\` ${type}`)
      .join(", ");
    const source = `file(${quoteString(file)}, Parquet, ${quoteString(structure)})`;
    const time = timeOf(table);
    const before = oldestAllowedMs(signal, rules) ?? 0;
    // Series and days: one that lasts into the time that is kept is not old.
    const isOld =
      time === "Timestamp" || time === "PointTimestamp"
        ? `toUnixTimestamp64Milli(${time}) < ${Math.ceil(before)}`
        : `(toUnixTimestamp(${time}) + 86400) * 1000 <= ${Math.ceil(before)}`;
    const summary = await client.query(
      `SELECT toFloat64(count()) AS RowCount, toFloat64(countIf(${isOld})) AS Old, toFloat64(toUnixTimestamp(toDateTime(min(${time})))) AS Oldest, groupUniqArrayIf(toString(toDate(${time}, 'UTC')), ${isOld}) AS Days FROM ${source}`,
      { what: "read the file", timeoutMs },
    );
    await checkAge(
      {
        signal,
        items: summary.number("Old"),
        oldestMs: summary.number("Oldest") * 1000,
        days: summary.stringLists("Days")[0] ?? [],
      },
      rules,
    );
    const columns = columnNames(table);
    // Whoever's it was: it becomes the importer's.
    const selected = columns.map((name) =>
      name === "Tenant" ? `${quoteString(context.tenant)} AS Tenant` : quoted([name]),
    );
    const rows = `SELECT ${selected.join(", ")} FROM ${source}`;
    await client.insertSelect(table.name, columns, rows, { token: hash, timeoutMs });
    const keys = keysOfRows(table.name, `(${rows})`);
    if (keys !== undefined) {
      const names = columnNames(attributeKeysTable);
      await client.insertSelect(attributeKeysTable.name, names, keys, { token: hash, timeoutMs });
    }
    return { rows: summary.number("RowCount"), rejected: 0, reason: "" };
  } finally {
    await rm(file, { force: true });
  }
}

/** The table with exactly the file's columns. */
async function tableOf(client: ClickHouseClient, file: string): Promise<(typeof exportedTables)[number]> {
  const described = await client
    .queryRows(`DESCRIBE file(${quoteString(file)}, Parquet)`, { what: "read the file", timeoutMs })
    .catch((cause: unknown) => {
      throw unreadable(`it is no Parquet file: ${messageOf(cause)}`, cause);
    });
  const names = described.rows.map((row) => String(row[0])).toSorted();
  const found = exportedTables.find(({ table }) => {
    const own = columnNames(table).toSorted();
    return own.length === names.length && own.every((name, at) => name === names[at]);
  });
  if (found !== undefined) return found;
  throw unreadable(
    `its columns (${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""}) are those of no telemetry table; import files that "otelier storage export" wrote, or OTLP/JSON`,
  );
}

function unreadable(why: string, cause?: unknown): OtelierError {
  return new OtelierError(`cannot import: ${why}`, {
    code: "import-unreadable",
    outcome: "permanent",
    ...(cause === undefined ? {} : { cause }),
  });
}
