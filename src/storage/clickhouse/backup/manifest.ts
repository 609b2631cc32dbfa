/** The first file of a backup: what the others are, and which schema they need. */
import { OtelierError } from "../../../base/error.ts";
import { checksumOf, migrations, type Migration } from "../schema/migrations.ts";

export const manifestName = "otelier-backup.json";

export interface BackupManifest {
  readonly format: 1;
  readonly createdMs: number;
  readonly migrations: readonly { readonly number: number; readonly checksum: string }[];
  readonly tables: Readonly<Record<string, { readonly parts: number; readonly rows: number }>>;
  /** Accepted telemetry that was not in the tables. */
  readonly segments: number;
}

export function schemaOfBackup(): BackupManifest["migrations"] {
  return migrations.map((migration) => ({ number: migration.number, checksum: checksumOf(migration) }));
}

/** Throws "backup-damaged" for what is no manifest. */
export function parseManifest(text: string): BackupManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw damaged(`"${manifestName}" is no JSON`);
  }
  if (!isManifest(parsed)) throw damaged(`"${manifestName}" is not what this version knows`);
  return parsed;
}

/** The migrations that make the backup's tables. Throws "schema-newer" or "schema-altered" when this program cannot. */
export function migrationsOf(manifest: BackupManifest): readonly Migration[] {
  return manifest.migrations.map(({ number, checksum }) => {
    const known = migrations.find((migration) => migration.number === number);
    if (known === undefined) {
      throw new OtelierError(
        `cannot restore: the backup's schema has step ${number}, which this version does not know; use the version of otelier that made it, or a newer one`,
        { code: "schema-newer", outcome: "permanent" },
      );
    }
    if (checksumOf(known) !== checksum) {
      throw new OtelierError(
        `cannot restore: step ${number} ("${known.name}") of the backup's schema differs from this version's; use the build of otelier that made it`,
        { code: "schema-altered", outcome: "permanent" },
      );
    }
    return known;
  });
}

export function damaged(why: string, cause?: unknown): OtelierError {
  return new OtelierError(`cannot restore: the backup is damaged: ${why}`, {
    code: "backup-damaged",
    outcome: "permanent",
    ...(cause === undefined ? {} : { cause }),
  });
}

function isManifest(value: unknown): value is BackupManifest {
  if (typeof value !== "object" || value === null) return false;
  return (
    "format" in value &&
    value.format === 1 &&
    "migrations" in value &&
    Array.isArray(value.migrations) &&
    "tables" in value &&
    typeof value.tables === "object" &&
    value.tables !== null
  );
}
