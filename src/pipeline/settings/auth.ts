import type { ComponentId } from "./component-id.ts";
import { componentIdOption, list, optionalSection, text } from "./options.ts";
import type { Section } from "./schema.ts";

/** `auth` of clients and gRPC servers (core config/configauth). */
export interface AuthConfig {
  readonly authenticator: ComponentId;
}

/** `auth` of HTTP servers (core config/confighttp, AuthConfig). */
export interface HttpServerAuthConfig extends AuthConfig {
  readonly request_params: readonly string[];
}

const authenticator = componentIdOption({
  required: true,
  doc: "id of the extension that authenticates",
  example: "basicauth/server",
});

export const authOption: Section<AuthConfig | undefined> = optionalSection<AuthConfig>(
  { authenticator },
  { doc: "authentication by an extension" },
);

export const httpServerAuthOption: Section<HttpServerAuthConfig | undefined> =
  optionalSection<HttpServerAuthConfig>(
    {
      authenticator,
      request_params: list(text({ required: true, doc: "name of a query parameter" }), {
        doc: "query parameters given to the authenticator beside the headers",
        ignored: "authenticators here read headers only",
      }),
    },
    { doc: "authentication by an extension" },
  );
