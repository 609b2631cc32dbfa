import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { createBasicAuthClient, createBasicAuthServer } from "./basicauth.ts";
import { basicAuthConfig, checkBasicAuth, type BasicAuthConfig } from "./config.ts";

const noClient = { username: "", username_file: "", password: "", password_file: "" };

/** Basic authentication, of a server or of a client. */
export const basicAuthFactory: AnyFactory = defineFactory<BasicAuthConfig>({
  kind: "extension",
  type: "basicauth",
  summary: "Authenticates clients by user and password (htpasswd), or presents them to a server.",
  config: basicAuthConfig,
  check: checkBasicAuth,
  stability: "beta",
  create: (settings, config) =>
    config.htpasswd === undefined
      ? createBasicAuthClient(settings, config.client_auth ?? noClient)
      : createBasicAuthServer(settings, config.htpasswd),
});
