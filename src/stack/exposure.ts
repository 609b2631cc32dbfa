import { isLoopback, parseTcpAddress } from "../base/net/address.ts";

interface Exposed {
  readonly http: string;
  readonly insecureBind: boolean;
  readonly basicAuthFile: string;
  readonly bearerTokenFile: string;
}

/** True for an address that other machines can reach; not for a text that is no address. */
export function isExposed(endpoint: string): boolean {
  const address = parseTcpAddress(endpoint);
  return !("problem" in address) && !isLoopback(address);
}

/**
 * Why UI and API may not be served at their address, with the way out; undefined when they may. An address that is none passes: listening on it
 * fails with the reason. The receiver checks its own addresses.
 */
export function exposureProblem(options: Exposed): string | undefined {
  if (!isExposed(options.http)) return undefined;
  const guarded = options.basicAuthFile !== "" || options.bearerTokenFile !== "";
  if (guarded || options.insecureBind) return undefined;
  return (
    `cannot serve UI and API at "${options.http}": others could read your telemetry; ` +
    "add --basic-auth FILE or --bearer-token FILE, or --insecure-bind if the network is yours alone"
  );
}
