import { rootCertificates, type ConnectionOptions } from "node:tls";
import type { TlsVersion } from "./server-tls.ts";

/** Encryption of a client; the names are those of Node's SecureContextOptions. */
export interface ClientTls {
  /** PEM of the authorities to trust; absent: those that Node brings along. */
  readonly ca?: string | Buffer;
  /** Trust Node's authorities beside `ca`. */
  readonly systemCa?: boolean;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  readonly ciphers?: string;
  readonly ecdhCurve?: string;
  /** Name expected in the server's certificate, where it is not the host connected to. */
  readonly serverName?: string;
  /** Accept any certificate. */
  readonly skipVerify?: boolean;
}

/** The options of `node:tls` for it. */
export function connectionOptions(tls: ClientTls): ConnectionOptions {
  const { ca, systemCa, serverName, skipVerify, ...rest } = tls;
  const authorities = ca !== undefined && systemCa === true ? [...rootCertificates, ca] : ca;
  return {
    ...rest,
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: skipVerify !== true,
  };
}
