import { readFile } from "node:fs/promises";
import { OtelierError } from "../../base/error.ts";
import { fileProblem } from "../../base/file-problem.ts";
import type { ServerTlsConfig, TlsConfig } from "./tls.ts";

type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What a TLS context is made of; the names are those of Node's SecureContextOptions. */
export interface TlsMaterial {
  /** PEM; absent: the system's authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  readonly ciphers?: string;
  readonly ecdhCurve?: string;
  /** Servers only: PEM of the authorities of client certificates; set: clients must show one. */
  readonly clientCa?: string;
}

/** Reads the files of a `tls` section. Rejects with a permanent "tls-material" error that names the file. */
export async function loadTlsMaterial(config: TlsConfig | ServerTlsConfig): Promise<TlsMaterial> {
  const [ca, cert, key, clientCa] = await Promise.all([
    pem("CA certificate", config.ca_file, config.ca_pem),
    pem("certificate", config.cert_file, config.cert_pem),
    pem("key", config.key_file, config.key_pem),
    "client_ca_file" in config ? pem("client CA certificate", config.client_ca_file, undefined) : undefined,
  ]);
  const minVersion = versionNames[config.min_version];
  const maxVersion = versionNames[config.max_version];
  const ciphers = config.cipher_suites.map(opensslCipher).join(":");
  const ecdhCurve = config.curve_preferences.map(opensslCurve).join(":");
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(clientCa === undefined ? {} : { clientCa }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === "" ? {} : { ciphers }),
    ...(ecdhCurve === "" ? {} : { ecdhCurve }),
  };
}

const versionNames: Readonly<Record<string, TlsVersion>> = {
  "1.0": "TLSv1",
  "1.1": "TLSv1.1",
  "1.2": "TLSv1.2",
  "1.3": "TLSv1.3",
};

async function pem(
  what: string,
  file: string | undefined,
  text: string | undefined,
): Promise<string | undefined> {
  if (text !== undefined && text !== "") return text;
  if (file === undefined || file === "") return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const message = `cannot read ${what} "${file}": ${fileProblem(cause)}`;
    throw new OtelierError(message, { code: "tls-material", outcome: "permanent", cause });
  }
}

/** "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" is OpenSSL's "ECDHE-RSA-AES128-GCM-SHA256"; names that are OpenSSL's already stay. */
function opensslCipher(name: string): string {
  const match = /^TLS_(.+)_WITH_(.+)$/.exec(name);
  if (match === null) return name;
  const exchange = match[1] === "RSA" ? "" : `${match[1]?.replaceAll("_", "-")}-`;
  const cipher = (match[2] ?? "")
    .replace(/^AES_(\d+)_/, "AES$1_")
    .replace(/^CHACHA20_POLY1305_SHA256$/, "CHACHA20_POLY1305")
    .replace("_CBC_", "_");
  return `${exchange}${cipher.replaceAll("_", "-")}`;
}

/** Go's "P256" is OpenSSL's "P-256". */
function opensslCurve(name: string): string {
  return name.replace(/^P(\d+)$/, "P-$1");
}
