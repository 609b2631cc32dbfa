import { OtelierError } from "../base/error.ts";
import { printComponentId, type ComponentId } from "./component-id.ts";
import type { ClientAuthenticator, Extension, Host, ServerAuthenticator } from "./component.ts";

/** The extension that `auth.authenticator` of a server names; throws "bad-authenticator" (texts of core config/configauth). */
export function serverAuthenticator(host: Host, id: ComponentId): ServerAuthenticator {
  const extension = find(host, id);
  if (isServerAuthenticator(extension)) return extension;
  throw unusable(id, "requested authenticator is not a server authenticator");
}

/** The extension that `auth.authenticator` of a client names; throws like `serverAuthenticator`. */
export function clientAuthenticator(host: Host, id: ComponentId): ClientAuthenticator {
  const extension = find(host, id);
  if (isClientAuthenticator(extension)) return extension;
  throw unusable(id, "requested authenticator is not a client authenticator");
}

function isServerAuthenticator(extension: Extension): extension is ServerAuthenticator {
  return "authenticate" in extension;
}

function isClientAuthenticator(extension: Extension): extension is ClientAuthenticator {
  return "requestHeaders" in extension;
}

function find(host: Host, id: ComponentId): Extension {
  const extension = host.extension(id);
  if (extension === undefined) {
    throw unusable(id, "authenticator not found (it must be listed in service::extensions)");
  }
  return extension;
}

function unusable(id: ComponentId, why: string): OtelierError {
  const message = `failed to resolve authenticator "${printComponentId(id)}": ${why}`;
  return new OtelierError(message, { code: "bad-authenticator", outcome: "permanent" });
}
