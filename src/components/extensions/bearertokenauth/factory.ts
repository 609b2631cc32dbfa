import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { createBearerTokenAuth } from "./bearertokenauth.ts";
import { bearerTokenAuthConfig, checkBearerTokenAuth, type BearerTokenAuthConfig } from "./config.ts";

/** Bearer token authentication, of servers and clients. */
export const bearerTokenAuthFactory: AnyFactory = defineFactory<BearerTokenAuthConfig>({
  kind: "extension",
  type: "bearertokenauth",
  summary: "Authenticates clients by a bearer token, or presents one to a server.",
  config: bearerTokenAuthConfig,
  check: checkBearerTokenAuth,
  stability: "beta",
  create: createBearerTokenAuth,
});
