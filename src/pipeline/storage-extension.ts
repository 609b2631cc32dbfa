import { OtelierError } from "../base/error.ts";
import { printComponentId, type ComponentId } from "./component-id.ts";
import type { Extension, Host, StorageExtension } from "./component.ts";

/** The extension that `sending_queue.storage` names; throws "bad-storage" (texts of core exporterhelper/internal/queue). */
export function storageExtension(host: Host, id: ComponentId): StorageExtension {
  const extension = host.extension(id);
  if (extension === undefined) {
    throw unusable(id, "no storage client extension found (it must be listed in service::extensions)");
  }
  if (isStorageExtension(extension)) return extension;
  throw unusable(id, "requested extension is not a storage extension");
}

function isStorageExtension(extension: Extension): extension is StorageExtension {
  return "openQueue" in extension;
}

function unusable(id: ComponentId, why: string): OtelierError {
  const message = `cannot open the storage "${printComponentId(id)}": ${why}`;
  return new OtelierError(message, { code: "bad-storage", outcome: "permanent" });
}
