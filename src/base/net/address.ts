/** Where to listen, as options write it: "localhost:4317", "0.0.0.0:4317", ":4317", "[::1]:4317", or the path of a Unix socket. */
export type ListenAddress = TcpAddress | UnixAddress;

export interface TcpAddress {
  readonly kind: "tcp";
  /** Without brackets; '' means every address of the machine. */
  readonly host: string;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
}

export interface UnixAddress {
  readonly kind: "unix";
  readonly path: string;
}

/** Reads "host:port" (the host may be empty); the text of the problem when it is none (wording: Go's net.SplitHostPort). */
export function parseTcpAddress(text: string): TcpAddress | { readonly problem: string } {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  if (match === null) {
    const colons = text.split(":").length - 1;
    const bracketed = text.startsWith("[") && text.endsWith("]");
    const problem = colons > 1 && !bracketed ? "too many colons in address" : "missing port in address";
    return { problem: `address ${text}: ${problem}` };
  }
  const portText = match[3] ?? "";
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65535) return { problem: `invalid port "${portText}"` };
  return { kind: "tcp", host: match[1] ?? match[2] ?? "", port };
}

/** Prints an address as it would be written: "[::1]:4317", "unix:/run/otlp.sock". */
export function printAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** True for addresses that only this machine can reach. Names other than localhost count as foreign: what they resolve to may change. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === "unix") return true;
  const host = address.host.toLowerCase();
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** A peer's address without the IPv4-in-IPv6 prefix: "::ffff:127.0.0.1" is "127.0.0.1". */
export function plainPeer(address: string | undefined): string {
  return (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
}
