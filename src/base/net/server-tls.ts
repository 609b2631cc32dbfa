/** Encryption of a server, with contents rather than files; the names are those of Node's SecureContextOptions. */
export interface ServerTls {
  /** PEM, the server's certificate first. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** PEM of the authorities that clients' certificates must come from; given: a client without such a certificate is refused. */
  readonly clientCa?: string | Buffer;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** OpenSSL names, separated by ":". */
  readonly ciphers?: string;
  /** OpenSSL curve names, separated by ":". */
  readonly ecdhCurve?: string;
}

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
