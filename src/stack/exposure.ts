interface Exposed {
  readonly http: string;
  readonly insecureBind: boolean;
  readonly basicAuthFile: string;
  readonly bearerTokenFile: string;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

/** Why UI and API may not be served at their address, with the way out; undefined when they may. The receiver checks its own addresses. */
export function exposureProblem(options: Exposed): string | undefined {
  const colon = options.http.lastIndexOf(":");
  const host = options.http.slice(0, Math.max(colon, 0));
  const guarded = options.basicAuthFile !== "" || options.bearerTokenFile !== "";
  if (isLoopback(host) || guarded || options.insecureBind) return undefined;
  return (
    `cannot serve UI and API at "${options.http}": others could read your telemetry; ` +
    "add --basic-auth FILE or --bearer-token FILE, or --insecure-bind if the network is yours alone"
  );
}
