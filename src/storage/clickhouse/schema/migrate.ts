/** Brings a database to this program's schema, or refuses: a newer or altered schema is never touched. */
import { OtelierError } from "../../../base/error.ts";
import type { ClickHouseAddress } from "../client/address.ts";
import { ClickHouseClient } from "../client/client.ts";
import { checksumOf, migrations as allMigrations, type Migration } from "./migrations.ts";
import { quoteIdentifier, type Target } from "./render.ts";

export interface MigrateOptions {
  readonly target: Target;
  /** Default: this program's. */
  readonly migrations?: readonly Migration[];
}

/** Resolves with the numbers applied now. Rejects with "schema-newer" or "schema-altered" (permanent) before anything is changed. */
export async function migrate(client: ClickHouseClient, options: MigrateOptions): Promise<readonly number[]> {
  const { target } = options;
  const migrations = options.migrations ?? allMigrations;
  const run = (sql: string): Promise<void> =>
    client.command(sql, { what: "prepare the schema", timeoutMs: 300_000 });
  const onCluster = target.kind === "cluster" ? ` ON CLUSTER ${quoteIdentifier(target.cluster)}` : "";
  const engine =
    target.kind === "cluster"
      ? `ReplicatedMergeTree('/clickhouse/tables/all/${target.database}/otelier_migrations', '{replica}')`
      : "MergeTree";
  const table = `${quoteIdentifier(target.database)}.otelier_migrations`;
  await run(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(target.database)}${onCluster} ENGINE = Atomic`);
  await run(
    `CREATE TABLE IF NOT EXISTS ${table}${onCluster} (Number UInt32, Name String, Checksum String, Applied DateTime DEFAULT now()) ENGINE = ${engine} ORDER BY Number`,
  );
  const applied = await client.query(
    `SELECT Number, any(Name) AS FirstName, groupUniqArray(Checksum) AS Checksums FROM ${table} GROUP BY Number ORDER BY Number`,
    { what: "read the schema's version" },
  );
  const numbers = applied.numbers("Number");
  const names = applied.strings("FirstName");
  const checksums = applied.stringLists("Checksums");
  numbers.forEach((number, index) => check(migrations, number, names[index] ?? "", checksums[index] ?? []));
  const pending = migrations.filter((migration) => !numbers.includes(migration.number));
  for (const migration of pending) {
    for (const statement of migration.statements(target)) await run(statement);
    // The record comes last: after a crash in between, all statements run again, which they must bear.
    await run(
      `INSERT INTO ${table} (Number, Name, Checksum) VALUES (${migration.number}, '${migration.name}', '${checksumOf(migration)}')`,
    );
  }
  return pending.map((migration) => migration.number);
}

/** Creates a server's database when it is missing, and brings it to this schema. Rejects as `migrate` does. */
export async function migrateServer(address: ClickHouseAddress): Promise<readonly number[]> {
  // A server refuses every request that names a database which is not there yet.
  const client = new ClickHouseClient({ address: { ...address, database: "default" } });
  try {
    return await migrate(client, { target: { kind: "single", database: address.database } });
  } finally {
    await client.close();
  }
}

function check(
  migrations: readonly Migration[],
  number: number,
  name: string,
  checksums: readonly string[],
): void {
  const known = migrations.find((migration) => migration.number === number);
  if (known === undefined) {
    throw new OtelierError(
      `cannot open the store: its schema has step ${number} ("${name}"), which this version does not know; use the version of otelier that wrote it, or a newer one`,
      { code: "schema-newer", outcome: "permanent" },
    );
  }
  const expected = checksumOf(known);
  if (checksums.some((checksum) => checksum !== expected)) {
    throw new OtelierError(
      `cannot open the store: step ${number} ("${known.name}") of its schema differs from this version's; the data was written by another build of otelier, choose another directory with --data DIR or use that build`,
      { code: "schema-altered", outcome: "permanent" },
    );
  }
}
