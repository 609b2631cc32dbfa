import { statSync } from "node:fs";
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { messageOf } from "../../../base/error.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { bool, duration, int, section, text } from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

interface CompactionConfig {
  readonly directory: string;
  readonly on_start: boolean;
  readonly on_rebound: boolean;
  readonly rebound_needed_threshold_mib: number;
  readonly rebound_trigger_threshold_mib: number;
  readonly max_transaction_size: number;
  readonly check_interval: number;
  readonly cleanup_on_start: boolean;
}

export interface FileStorageConfig {
  readonly directory: string;
  readonly timeout: number;
  readonly fsync: boolean;
  readonly create_directory: boolean;
  readonly directory_permissions: string;
  /** Bytes; 0: no limit. */
  readonly max_size: number;
  readonly recreate: boolean;
  readonly compaction: CompactionConfig;
}

const defaultDirectory = "/var/lib/otelcol/file_storage";
const ignored = "every group of batches is a file of its own, whose space is free again when it was sent";

/** Options, defaults and texts of contrib extension/storage/filestorage; `fsync` differs and says so. */
export const fileStorageConfig: Section<FileStorageConfig> = section<FileStorageConfig>({
  directory: text({ default: defaultDirectory, doc: "where the data lies; one folder for each queue in it" }),
  timeout: duration({ default: "1s", doc: "longest wait for a folder that another process holds" }),
  fsync: bool({
    default: true,
    doc: "answer only when the data is on the disk; off: a power cut may lose what was answered, a killed process does not (the Collector's default is off)",
  }),
  create_directory: bool({ default: false, doc: "create the directory when it is missing" }),
  directory_permissions: text({ default: "0750", doc: "permissions of a created directory, octal" }),
  max_size: int({
    default: 0,
    min: 0,
    unit: "bytes",
    doc: "size above which a queue takes nothing; 0: no limit",
  }),
  recreate: bool({
    default: false,
    doc: "start anew when the data cannot be read",
    ignored: "what cannot be read is set aside, and the rest is used",
  }),
  compaction: section<CompactionConfig>(
    {
      directory: text({ default: defaultDirectory, doc: "folder for compaction", ignored }),
      on_start: bool({ default: false, doc: "compact at the start", ignored }),
      on_rebound: bool({ default: false, doc: "compact when much was sent", ignored }),
      rebound_needed_threshold_mib: int({
        default: 100,
        unit: "MiB",
        doc: "size that calls for it",
        ignored,
      }),
      rebound_trigger_threshold_mib: int({
        default: 10,
        unit: "MiB",
        doc: "use at which it starts",
        ignored,
      }),
      max_transaction_size: int({ default: 65536, doc: "records moved at a time", ignored }),
      check_interval: duration({ default: "5s", doc: "how often sizes are looked at", ignored }),
      cleanup_on_start: bool({ default: false, doc: "remove what a compaction left", ignored }),
    },
    { doc: "accepted for the Collector's configurations" },
  ),
});

export function checkFileStorage(
  config: FileStorageConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const problem = (key: string, text: string, at: readonly string[] = []): void => {
    found.push(configProblem({ code: "bad-file-storage", node, path, at, key, text }));
  };
  const directory = directoryProblem(config.directory, config.create_directory);
  if (directory !== undefined) problem("directory", directory);
  const { compaction } = config;
  if (compaction.max_transaction_size < 0) {
    problem("max_transaction_size", "max transaction size for compaction cannot be less than 0", [
      "compaction",
    ]);
  }
  if (compaction.on_rebound && compaction.check_interval <= 0) {
    problem("check_interval", "compaction check interval must be positive when rebound compaction is set", [
      "compaction",
    ]);
  }
  if (config.create_directory) {
    if (!/^[0-7]+$/.test(config.directory_permissions)) {
      problem("directory_permissions", "directory_permissions value must be a valid octal representation");
    } else if (Number.parseInt(config.directory_permissions, 8) > 0o777) {
      problem("directory_permissions", "directory_permissions contain invalid bits for file access");
    }
  }
  if (config.timeout < 0) problem("timeout", "'timeout' must be non-negative");
  return found;
}

function directoryProblem(directory: string, mayCreate: boolean): string | undefined {
  try {
    return statSync(directory).isDirectory() ? undefined : `${directory} is not a directory`;
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing && mayCreate) return undefined;
    return isMissing
      ? `directory must exist: stat ${directory}: no such file or directory. You can enable the create_directory option to automatically create it`
      : `problem accessing configured directory: ${directory}, err: ${messageOf(error)}`;
  }
}
