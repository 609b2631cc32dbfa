import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { checkFileStorage, fileStorageConfig, type FileStorageConfig } from "./config.ts";
import { createFileStorage } from "./file-storage.ts";

/** Keeps the queues of exporters on disk. */
export const fileStorageFactory: AnyFactory = defineFactory<FileStorageConfig>({
  kind: "extension",
  type: "file_storage",
  summary:
    "Keeps the sending queues of exporters on disk, so that a killed or restarted program loses nothing.",
  config: fileStorageConfig,
  check: checkFileStorage,
  stability: "beta",
  create: createFileStorage,
});
