/** HTTP basic authentication (RFC 7617): `htpasswd` makes it a server's, `client_auth` a client's. Texts of contrib extension/basicauthextension. */
import { createHmac, randomBytes } from "node:crypto";
import { OtelierError } from "../../../base/error.ts";
import { WatchedFile } from "../../../base/watched-file.ts";
import type {
  ClientAuthenticator,
  ComponentSettings,
  ServerAuthenticator,
} from "../../../pipeline/component.ts";
import type { ClientAuthConfig, HtpasswdConfig } from "./config.ts";
import { matchesPassword, parseHtpasswd, type Users } from "./htpasswd.ts";

/** Verified credentials that are remembered, since bcrypt takes tens of milliseconds by design. */
const maxVerified = 1000;

export function createBasicAuthServer(
  settings: ComponentSettings,
  config: HtpasswdConfig,
): ServerAuthenticator {
  const file = config.file === "" ? undefined : new WatchedFile(config.file, settings.clock);
  // Only keyed digests of what was verified are kept, never a password.
  const digestKey = randomBytes(32);
  const verified = new Map<string, string>();
  let parsed: { readonly text: string; readonly users: Users } = { text: "", users: new Map() };

  const users = async (): Promise<Users> => {
    const text = `${file === undefined ? "" : await file.read()}\n${config.inline}`;
    if (text !== parsed.text) {
      const { users: found, problems } = parseHtpasswd(text);
      if (problems.length > 0)
        settings.log.warn("some htpasswd lines are not used", { problems: problems.join("; ") });
      verified.clear();
      parsed = { text, users: found };
    }
    return parsed.users;
  };

  return {
    start: async () => {
      if ((await users()).size === 0) settings.log.warn("htpasswd names no user: nobody is let in");
    },
    shutdown: () => Promise.resolve(),
    authenticate: async (headers) => {
      const { username, password, encoded } = parseBasic(headers.get("authorization")?.[0]);
      const stored = (await users()).get(username);
      const digest = createHmac("sha256", digestKey).update(encoded).digest("base64");
      if (verified.has(digest)) return { subject: username };
      // An unknown user costs as much as a known one, so that the time does not tell who exists.
      const matches = await matchesPassword(
        password,
        stored ?? "$2b$10$CwTycUXWue0Thq9StjUM0uJ8.AJ1Y7yB6JtZ6vF3Ykq0nQ9o2W3aG",
      );
      if (stored === undefined || !matches) throw unauthenticated("invalid credentials");
      if (verified.size >= maxVerified) verified.clear();
      verified.set(digest, username);
      return { subject: username };
    },
  };
}

export function createBasicAuthClient(
  settings: ComponentSettings,
  config: ClientAuthConfig,
): ClientAuthenticator {
  const reader = (path: string, value: string): (() => Promise<string>) => {
    const file = path === "" ? undefined : new WatchedFile(path, settings.clock);
    return async () => (file === undefined ? value : (await file.read()).trim());
  };
  const username = reader(config.username_file, config.username);
  const password = reader(config.password_file, config.password);
  return {
    start: async () => {
      await Promise.all([username(), password()]);
    },
    shutdown: () => Promise.resolve(),
    requestHeaders: async () => {
      const credentials = `${await username()}:${await password()}`;
      return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
    },
  };
}

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly encoded: string;
}

function parseBasic(header: string | undefined): Credentials {
  if (header === undefined || header === "") throw unauthenticated("no basic auth provided");
  if (!/^basic /i.test(header)) throw unauthenticated("invalid authorization scheme prefix");
  const encoded = header.slice(6).trim();
  const decoded = Buffer.from(encoded, "base64").toString();
  const colon = decoded.indexOf(":");
  if (colon === -1) throw unauthenticated("invalid authorization format");
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1), encoded };
}

function unauthenticated(message: string): OtelierError {
  return new OtelierError(message, { code: "unauthenticated", outcome: "permanent", grpcStatus: 16 });
}
