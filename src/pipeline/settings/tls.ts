/** `tls` of clients and servers (core config/configtls). What the files hold is read by `tls-material.ts`. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { ConfigNode } from "./config-node.ts";
import { bool, duration, list, optionalSection, secret, section, text } from "./options.ts";
import { configProblem } from "./problem.ts";
import type { Fields, Section } from "./schema.ts";

export interface TlsConfig {
  readonly ca_file: string | undefined;
  readonly ca_pem: string | undefined;
  readonly cert_file: string | undefined;
  readonly cert_pem: string | undefined;
  readonly key_file: string | undefined;
  readonly key_pem: string | undefined;
  readonly min_version: string;
  readonly max_version: string;
  readonly cipher_suites: readonly string[];
  readonly curve_preferences: readonly string[];
  readonly include_system_ca_certs_pool: boolean;
  readonly reload_interval: number | undefined;
  readonly tpm: TpmConfig | undefined;
}

interface TpmConfig {
  readonly enabled: boolean;
  readonly path: string;
  readonly auth: string | undefined;
  readonly owner_auth: string | undefined;
}

export interface ClientTlsConfig extends TlsConfig {
  /** No TLS at all. */
  readonly insecure: boolean;
  readonly insecure_skip_verify: boolean;
  readonly server_name_override: string;
}

export interface ServerTlsConfig extends TlsConfig {
  readonly client_ca_file: string | undefined;
  readonly client_ca_file_reload: boolean;
}

const tlsFields: Fields<TlsConfig> = {
  ca_file: text({ doc: "file with the certificates of authorities to trust (PEM); empty: the system's" }),
  ca_pem: secret({ doc: "the same as text" }),
  cert_file: text({ doc: "file with our certificate (PEM)" }),
  cert_pem: secret({ doc: "the same as text" }),
  key_file: text({ doc: "file with the key of our certificate (PEM)" }),
  key_pem: secret({ doc: "the same as text" }),
  min_version: text({ default: "1.2", doc: "oldest TLS version to accept", example: "1.3" }),
  max_version: text({ default: "", doc: "newest TLS version to accept; empty: the newest known" }),
  cipher_suites: list(text({ required: true, doc: "IANA name of a suite" }), {
    doc: "suites allowed with TLS 1.2 and older",
    example: "[TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]",
  }),
  curve_preferences: list(text({ required: true, doc: "a curve" }), {
    doc: "curves of the key exchange, best first",
    example: "[X25519, P256]",
  }),
  include_system_ca_certs_pool: bool({
    default: false,
    doc: "trust the system's authorities beside ca_file",
  }),
  reload_interval: duration({ doc: "how often certificate files are read again; absent: never" }),
  tpm: optionalSection<TpmConfig>(
    {
      enabled: bool({ default: false, doc: "use the module" }),
      path: text({ default: "", doc: "its device" }),
      auth: secret({ doc: "its key's secret" }),
      owner_auth: secret({ doc: "its owner's secret" }),
    },
    {
      doc: "key in a trusted platform module",
      ignored: "keys in a trusted platform module are not supported",
    },
  ),
};

/** `tls` of a client: always there, verifying TLS by default. */
export const clientTlsOption: Section<ClientTlsConfig> = section<ClientTlsConfig>(
  {
    insecure: bool({ default: false, doc: "do not use TLS" }),
    insecure_skip_verify: bool({ default: false, doc: "use TLS but trust any certificate" }),
    server_name_override: text({ default: "", doc: "name expected in the server's certificate" }),
    ...tlsFields,
  },
  { doc: "TLS towards the server" },
);

/** `tls` of a server: off until written. */
export const serverTlsOption: Section<ServerTlsConfig | undefined> = optionalSection<ServerTlsConfig>(
  {
    client_ca_file: text({ doc: "authorities of client certificates; set: clients must show one (mTLS)" }),
    client_ca_file_reload: bool({ default: false, doc: "read client_ca_file again when it changes" }),
    ...tlsFields,
  },
  { doc: "TLS for clients" },
);

const versions = ["", "1.0", "1.1", "1.2", "1.3"];

/** Problems between options of a `tls` section; texts of core config/configtls. */
export function checkTls(
  config: TlsConfig | undefined,
  node: ConfigNode,
  path: string,
  at: readonly string[] = ["tls"],
): readonly Diagnostic[] {
  if (config === undefined) return [];
  const problem = (key: string, text: string, hint?: string): Diagnostic =>
    configProblem({ code: "bad-tls", node, path, at, key, text, ...(hint === undefined ? {} : { hint }) });
  const found: Diagnostic[] = [];
  const valid = `one of: ${versions.slice(1).join(", ")}`;
  for (const key of ["min_version", "max_version"] as const) {
    if (versions.includes(config[key])) continue;
    found.push(problem(key, `invalid TLS ${key}: unsupported TLS version: "${config[key]}"`, valid));
  }
  if (config.max_version !== "" && config.max_version < config.min_version && found.length === 0) {
    const text = "invalid TLS configuration: min_version cannot be greater than max_version";
    found.push(problem("min_version", text));
  }
  if (config.ca_file !== undefined && config.ca_pem !== undefined) {
    found.push(problem("ca_pem", "provide either a CA file or the PEM-encoded string, but not both"));
  }
  const certificates = Number(isSet(config.cert_file)) + Number(isSet(config.cert_pem));
  const keys = Number(isSet(config.key_file)) + Number(isSet(config.key_pem));
  if (certificates > 1) {
    found.push(
      problem(
        "cert_pem",
        "for auth via TLS, provide either a certificate or the PEM-encoded string, but not both",
      ),
    );
  }
  if (keys > 1) {
    found.push(
      problem("key_pem", "for auth via TLS, provide either a key or the PEM-encoded string, but not both"),
    );
  }
  if (certificates > 0 !== keys > 0) {
    const text = "for auth via TLS, provide both certificate and key, or neither";
    found.push(problem(certificates > 0 ? "cert_file" : "key_file", text));
  }
  return found;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
