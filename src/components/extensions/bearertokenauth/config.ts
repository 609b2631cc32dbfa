import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { list, secret, section, text } from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface BearerTokenAuthConfig {
  readonly header: string;
  readonly scheme: string;
  readonly token: string;
  readonly tokens: readonly string[];
  readonly filename: string;
}

/** Options and texts of contrib extension/bearertokenauthextension. */
export const bearerTokenAuthConfig: Section<BearerTokenAuthConfig> = section<BearerTokenAuthConfig>({
  header: text({ default: "Authorization", doc: "header that carries the token" }),
  scheme: text({ default: "Bearer", doc: "word before the token; empty: none" }),
  token: secret({ default: "", doc: "the token" }),
  tokens: list(secret({ required: true, doc: "a token" }), {
    doc: "several tokens: a server takes each of them, a client presents the first",
  }),
  filename: text({
    default: "",
    doc: "file with a token a line, read again when it changes; wins over the others",
  }),
});

export function checkBearerTokenAuth(
  config: BearerTokenAuthConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  const problem = (text: string, key?: string): readonly Diagnostic[] => [
    configProblem({ code: "bad-bearertokenauth", node, path, text, ...(key === undefined ? {} : { key }) }),
  ];
  if (config.token === "" && config.tokens.length === 0 && config.filename === "") {
    return problem("no bearer token provided");
  }
  if (config.token !== "" && config.tokens.length > 0) {
    return problem("either tokens or token should be provided, not both", "tokens");
  }
  return [];
}
