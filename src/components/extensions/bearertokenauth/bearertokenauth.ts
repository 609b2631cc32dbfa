/** Bearer tokens (RFC 6750): checked of clients, presented to servers. Texts of contrib extension/bearertokenauthextension. */
import { equalSecrets } from "../../../base/equal-secrets.ts";
import { OtelierError } from "../../../base/error.ts";
import { WatchedFile } from "../../../base/watched-file.ts";
import type {
  ClientAuthenticator,
  ComponentSettings,
  ServerAuthenticator,
} from "../../../pipeline/component.ts";
import type { BearerTokenAuthConfig } from "./config.ts";

export function createBearerTokenAuth(
  settings: ComponentSettings,
  config: BearerTokenAuthConfig,
): ServerAuthenticator & ClientAuthenticator {
  const header = config.header.toLowerCase();
  const prefix = config.scheme === "" ? "" : `${config.scheme} `;
  const file = config.filename === "" ? undefined : new WatchedFile(config.filename, settings.clock);
  const fixed = config.tokens.length > 0 ? config.tokens : [config.token];
  const tokens = async (): Promise<readonly string[]> => {
    if (file === undefined) return fixed;
    const lines = (await file.read()).split("\n").map((line) => line.trim());
    return lines.filter((line) => line !== "");
  };

  return {
    start: async () => {
      if (file !== undefined && (config.token !== "" || config.tokens.length > 0)) {
        settings.log.warn("a filename is specified. Configured token(s) is ignored!");
      }
      if ((await tokens()).length === 0)
        settings.log.warn(`"${config.filename}" holds no token: nobody is let in`);
    },
    shutdown: () => Promise.resolve(),
    authenticate: async (headers) => {
      const given = headers.get(header)?.[0];
      if (given === undefined || given === "")
        throw unauthenticated(`missing or empty authorization header: ${config.header}`);
      // Every token is compared, so that the time does not tell which one came near.
      let known = false;
      for (const token of await tokens()) known = equalSecrets(prefix + token, given) || known;
      // Unlike the Collector's, the message does not repeat what was presented: it may be somebody's valid secret.
      if (!known) throw unauthenticated("scheme or token does not match");
      return { subject: "" };
    },
    requestHeaders: async () => ({ [header]: prefix + ((await tokens())[0] ?? "") }),
  };
}

function unauthenticated(message: string): OtelierError {
  return new OtelierError(message, { code: "unauthenticated", outcome: "permanent", grpcStatus: 16 });
}
