import type { Diagnostic, Parsed } from "../../../base/diagnostic.ts";

/** Where the database is: the embedded engine's Unix socket, or a server's HTTP interface. */
export type ClickHouseAddress =
  | { readonly kind: "socket"; readonly path: string; readonly database: string }
  | {
      readonly kind: "url";
      /** "http://host:8123", without credentials, path or query. */
      readonly url: string;
      readonly username: string;
      readonly password: string;
      readonly database: string;
    };

export const defaultDatabase = "otelier";

/**
 * Reads "http(s)://[user:password@]host[:port][/database]"; the port is 8123 or, for https, 8443 when absent. "tcp://" and other schemes are
 * refused with the fix. The password never appears in a diagnostic.
 */
export function parseClickHouseUrl(text: string): Parsed<ClickHouseAddress | undefined> {
  const refuse = (message: string, hint: string): Parsed<undefined> => {
    const diagnostic: Diagnostic = { severity: "error", code: "bad-clickhouse-url", message, hint };
    return { value: undefined, diagnostics: [diagnostic] };
  };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse("the ClickHouse address is not a URL", "write http://HOST:8123 or https://HOST:8443");
  }
  const shown = `${url.protocol}//${url.host}`;
  if (url.protocol === "tcp:" || url.protocol === "clickhouse:") {
    return refuse(
      `cannot use "${shown}": the native protocol is not spoken`,
      `use ClickHouse's HTTP interface: http://${url.hostname}:8123`,
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return refuse(`cannot use "${shown}": the scheme must be http or https`, "write http://HOST:8123");
  }
  const port = url.port !== "" ? url.port : url.protocol === "https:" ? "8443" : "8123";
  // A URL without a port that names the scheme's own (":80") loses it in parsing; the text still tells.
  const explicit = /^[a-z]+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(text)?.[1];
  const database = url.searchParams.get("database") ?? decodeURIComponent(url.pathname.replace(/^\//, ""));
  return {
    value: {
      kind: "url",
      url: `${url.protocol}//${url.hostname}:${explicit ?? port}`,
      username: decodeURIComponent(url.username) || "default",
      password: decodeURIComponent(url.password),
      database: database === "" ? defaultDatabase : database,
    },
    diagnostics: [],
  };
}
