import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { optionalSection, secret, section, text } from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface HtpasswdConfig {
  readonly file: string;
  readonly inline: string;
}

export interface ClientAuthConfig {
  readonly username: string;
  readonly username_file: string;
  readonly password: string;
  readonly password_file: string;
}

export interface BasicAuthConfig {
  readonly htpasswd: HtpasswdConfig | undefined;
  readonly client_auth: ClientAuthConfig | undefined;
}

/** Options and texts of contrib extension/basicauthextension. */
export const basicAuthConfig: Section<BasicAuthConfig> = section<BasicAuthConfig>({
  htpasswd: optionalSection<HtpasswdConfig>(
    {
      file: text({
        default: "",
        doc: "htpasswd file: a user:password line for each user",
        example: "/etc/otelier/.htpasswd",
      }),
      inline: secret({ default: "", doc: "such lines as text; they win over the file's" }),
    },
    { doc: "users whom a server lets in" },
  ),
  client_auth: optionalSection<ClientAuthConfig>(
    {
      username: text({ default: "", doc: "user that an exporter presents" }),
      username_file: text({
        default: "",
        doc: "file with the user; wins over username, read again when it changes",
      }),
      password: secret({ default: "", doc: "the user's password" }),
      password_file: text({
        default: "",
        doc: "file with the password; wins over password, read again when it changes",
      }),
    },
    { doc: "credentials that a client presents" },
  ),
});

export function checkBasicAuth(
  config: BasicAuthConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  const { htpasswd, client_auth: client } = config;
  const problem = (text: string, key?: string): readonly Diagnostic[] => [
    configProblem({ code: "bad-basicauth", node, path, text, ...(key === undefined ? {} : { key }) }),
  ];
  if (htpasswd !== undefined && client !== undefined) {
    return problem("only one of `htpasswd` or `client_auth` can be specified", "client_auth");
  }
  const isEmpty = htpasswd !== undefined && htpasswd.file === "" && htpasswd.inline === "";
  if (isEmpty || (htpasswd === undefined && client === undefined))
    return problem("no credential source provided");
  return client?.username.includes(":") === true
    ? problem("invalid authorization format: a user name has no colon", "client_auth")
    : [];
}
