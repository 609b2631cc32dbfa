import type { ArchiveFile } from "../base/tar/tar.ts";
import type { ReadContext } from "./window.ts";

/** All that is kept at one moment, telemetry of every tenant included; a directory or an archive of these files can be restored. */
export interface Backup {
  readonly sizeBytes: number;
  /** The first one says what the others are. */
  readonly files: readonly ArchiveFile[];
  /** Frees what the files hold on the disk; to be called once, when they are read or not needed. */
  release(): Promise<void>;
}

export interface BackupSource {
  /** Nothing that was acknowledged before the call is missing, nothing is in it twice. Writes go on; inserts wait for some milliseconds. */
  backup(context: ReadContext): Promise<Backup>;
}
